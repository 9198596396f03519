import type { Reading } from "./client.ts";
import type { DatasetSummary, InvocationInfo, InvocationsFilter } from "./messages.ts";
import type { JobStatus } from "./follow-job.ts";
import type { Send, Sent } from "./send.ts";

/** The calls that only read and start no work. */
export function createReading(send: Send): Reading {
  const invocations = async <T>(filter: InvocationsFilter & { readonly jobs?: "1" }) =>
    (await read<{ readonly invocations: readonly T[] }>("/invocations", { query: { ...filter } }))
      .invocations;
  return {
    functions: () => read("/functions"),
    function: (name) => read(`/functions/${encodeURIComponent(name)}`),
    graph: () => read("/graph"),
    async datasets() {
      return (await read<{ readonly datasets: readonly DatasetSummary[] }>("/datasets")).datasets;
    },
    dataset: (name) => read(`/datasets/${encodeURIComponent(name)}`),
    featureSet: (dataset, name) =>
      read(`/datasets/${encodeURIComponent(dataset)}/features/${encodeURIComponent(name)}`),
    invocations: (filter = {}) => invocations<InvocationInfo>(filter),
    jobs: (filter = {}) => invocations<JobStatus>({ ...filter, jobs: "1" }),
    schedule: () => read("/schedule"),
  };

  /** The server's answers have the server's own types and are not checked again here. */
  async function read<T>(path: string, sent: Sent = {}): Promise<T> {
    return (await (await send(path, sent)).json()) as T;
  }
}
