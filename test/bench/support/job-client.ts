import { randomUUID } from "node:crypto";
import type { QuiverServer } from "./quiver-server.ts";

/** A job as far as the benchmarks look. */
export interface BenchJob {
  readonly id: string;
  readonly function: string;
  readonly status: "queued" | "running" | "succeeded" | "failed" | "cancelled";
  readonly attempts: number;
  readonly error: { readonly code: string; readonly detail: string } | null;
}

export interface OrderAllOptions {
  readonly dataset: string;
  /** A query for symbols; all when left out. */
  readonly symbolsSql?: string;
  /** Leaves out functions that read the whole market whatever symbols are asked for. */
  readonly bySymbolOnly?: boolean;
  /** Only these. */
  readonly again?: readonly string[];
}

/** Orders a publication of every function that can be published; what does not fit the dataset is refused, and left out. */
export async function orderAll(server: QuiverServer, options: OrderAllOptions): Promise<BenchJob[]> {
  const { dataset, symbolsSql, bySymbolOnly = false, again } = options;
  const graph = (await (await fetch(`${server.url}/graph`)).json()) as { nodes: GraphNode[] };
  const symbols = symbolsSql === undefined ? {} : { symbols: { sql: symbolsSql } };
  const jobs: BenchJob[] = [];
  for (const { id, function: name, publishable } of graph.nodes) {
    if (!publishable || id !== name || (bySymbolOnly && MARKET_WIDE.test(id))) continue;
    if (again !== undefined && !again.includes(id)) continue;
    // A data directory remembers the jobs of earlier benchmarks.
    const headers = {
      "Content-Type": "application/json",
      Prefer: "respond-async",
      "Idempotency-Key": `${id} ${randomUUID()}`,
    };
    const body = JSON.stringify({ dataset, publish: { as: id }, ...symbols });
    const response = await fetch(`${server.url}/functions/${id}`, { method: "POST", body, headers });
    const answer: unknown = await response.json();
    if (response.ok) jobs.push(answer as BenchJob);
    else if (!UNFIT.includes((answer as { code: string }).code)) {
      throw new Error(`Ordering ${id} was answered ${response.status}: ${JSON.stringify(answer)}`);
    }
  }
  return jobs;
}

const MARKET_WIDE = /^(alpha101.*|cross-section)$/;

interface GraphNode {
  readonly id: string;
  readonly function: string;
  readonly publishable: boolean;
}

export async function jobsOf(server: QuiverServer): Promise<BenchJob[]> {
  const response = await fetch(`${server.url}/invocations?jobs=1&limit=1000`);
  return ((await response.json()) as { invocations: BenchJob[] }).invocations;
}

export const isOver = ({ status }: BenchJob) => status !== "queued" && status !== "running";

/** The jobs once all of them have ended. */
export async function untilOver(server: QuiverServer, signal: AbortSignal): Promise<BenchJob[]> {
  for (;;) {
    signal.throwIfAborted();
    const jobs = await jobsOf(server);
    if (jobs.every(isOver)) return jobs;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** Functions whose processes were killed so often in a row that their jobs gave up, as documented. */
export function givenUp(jobs: readonly BenchJob[]): string[] {
  return jobs
    .filter(({ attempts, error }) => attempts >= ATTEMPTS && /signal SIGKILL/.test(error?.detail ?? ""))
    .map((job) => job.function);
}

const ATTEMPTS = 4;

/** Of functions that want what the dataset does not have; some are found out only when they run. */
const UNFIT = ["input-invalid", "unknown-column", "unknown-symbol", "parameter-invalid"];

export function failuresOf(jobs: readonly BenchJob[]): string[] {
  return jobs
    .filter(({ status, error }) => status !== "succeeded" && !UNFIT.includes(error?.code ?? ""))
    .map((job) => `${job.function} ${job.status}: ${job.error?.detail ?? ""}`);
}
