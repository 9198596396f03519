import type { Reading } from "./client.ts";
import type { DatasetSummary, InvocationInfo, InvocationsFilter } from "./messages.ts";
import type { JobStatus } from "./follow-job.ts";
import type { Send, Sent } from "./send.ts";

/** What there is to be read: everything that starts nothing. */
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

  /** The server's answers are typed by the server's own types, so they are not checked a second time here. */
  async function read<T>(path: string, sent: Sent = {}): Promise<T> {
    return (await (await send(path, sent)).json()) as T;
  }
}
