import { rmSync } from "node:fs";
import { join } from "node:path";
import { type BenchContext, plain, type Figure } from "../support/bench-part.ts";
import { serverTimings } from "../support/publish-once.ts";
import { startServer } from "../support/quiver-server.ts";
import { rounded } from "../support/statistics.ts";
import { removeSpool, rowCountOf } from "../support/store.ts";
import { type GroupRequest, ONLY_INTRADAY } from "./group-request.ts";

export interface PublishedGroup {
  readonly dataset: string;
  readonly function: string;
  /** On what bars. */
  readonly on: string;
  readonly rowCount: number;
  /** Without symbol and ts. */
  readonly columnCount: number;
  readonly seconds: number;
  readonly byteLength: number;
  /** End to end: reading, computing, encoding, writing. Rows are the output's, or the input's where it has fewer. */
  readonly nanosecondsPerRowAndColumn: number;
  readonly stages: Readonly<Record<string, number>>;
}

/**
 * Publishes a group whole, by a server of its own that finds an empty spool: neither columns nor results of functions
 * upstream are there. The feature set is removed again.
 */
async function publishGroup(
  dataDir: string,
  dataset: string,
  request: GroupRequest,
  signal: AbortSignal,
): Promise<PublishedGroup> {
  removeSpool(dataDir);
  const features = join(dataDir, dataset, "features");
  rmSync(features, { recursive: true, force: true });
  const { function: name, ...given } = request;
  const server = await startServer({ dataDir, signal });
  try {
    const startedAt = performance.now();
    const response = await server.post(`/functions/${name}`, { dataset, ...given, publish: true });
    const { rowCount, byteLength, schema } = (await response.json()) as {
      rowCount: number;
      byteLength: number;
      schema: readonly unknown[];
    };
    const seconds = (performance.now() - startedAt) / 1000;
    const rows = ONLY_INTRADAY.includes(name) ? rowCountOf(dataDir, dataset) : rowCount;
    const isAdjusted = given.inputs !== undefined || given.params?.["bars"] === "adjusted-bars";
    return {
      dataset,
      function: name,
      on: isAdjusted ? "adjusted bars" : "bars",
      rowCount,
      columnCount: schema.length,
      seconds: rounded(seconds),
      byteLength,
      nanosecondsPerRowAndColumn: rounded((seconds * 1e9) / rows / schema.length, 2),
      stages: serverTimings(response),
    };
  } finally {
    await server.stop();
    rmSync(features, { recursive: true, force: true });
  }
}

/** One line of the table. */
export function groupFigure(group: PublishedGroup): Figure {
  const { dataset, on, rowCount, columnCount, seconds, byteLength, nanosecondsPerRowAndColumn: ns } = group;
  const cells = [
    `${rowCount} rows`.padStart(13),
    `${columnCount} columns`.padStart(11),
    `${seconds.toFixed(2)} s`.padStart(9),
    `${(byteLength / 1e6).toFixed(1)} MB`.padStart(10),
    `${ns.toFixed(1)} ns`.padStart(9),
  ];
  return plain(`${dataset}: ${group.function} on ${on}`, cells.join("  "));
}

/** A group that could not be published is told in its place; the others still are. */
export async function publishGroups(
  dataDir: string,
  dataset: string,
  requests: readonly GroupRequest[],
  { signal, log }: Pick<BenchContext, "signal" | "log">,
): Promise<{ readonly published: readonly PublishedGroup[]; readonly failures: readonly Figure[] }> {
  const published: PublishedGroup[] = [];
  const failures: Figure[] = [];
  for (const request of requests) {
    signal.throwIfAborted();
    log(`${dataset}: ${request.function}`);
    try {
      published.push(await publishGroup(dataDir, dataset, request, signal));
    } catch (error) {
      const why = error instanceof Error ? (error.message.split("\n", 1)[0] ?? "") : String(error);
      const value = `failed: ${why}`;
      failures.push({ what: `${dataset}: ${request.function}`, value, good: false });
    }
  }
  return { published, failures };
}
