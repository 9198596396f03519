import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BenchContext } from "../support/bench-part.ts";
import { runQuiver } from "../support/quiver-server.ts";

const DATA = fileURLToPath(new URL("../../../../shared/data/", import.meta.url));

interface Source {
  readonly dataset: "us-daily" | "us-1min" | "cn-1min";
  /** Files or folders, and the few of them that a quick run takes. */
  readonly full: string;
  readonly quick: string;
  readonly options: readonly string[];
  readonly quickOptions?: readonly string[];
}

const SOURCES: readonly Source[] = [
  {
    dataset: "us-daily",
    full: "us-daily/observations.parquet",
    quick: "us-daily/raw",
    options: ["--calendar", "us-equities"],
  },
  {
    dataset: "us-1min",
    full: "us-1min/bars.parquet",
    quick: "us-1min/raw",
    options: ["--tz", "UTC"],
    quickOptions: ["--map", "vwap=price", "--ignore", "date"],
  },
  { dataset: "cn-1min", full: "cn-1min", quick: "cn-1min", options: ["--tz", "Asia/Shanghai"] },
];

export interface RealDatasets {
  readonly dataDir: string;
  readonly there: readonly Source["dataset"][];
  /** With the file that is absent. */
  readonly absent: readonly { readonly dataset: string; readonly missing: string }[];
}

/** The real data beside the project as datasets of one data directory, imported once. */
export async function realDatasets({ store, scale, signal, log }: BenchContext): Promise<RealDatasets> {
  const dataDir = join(store.dir, "data-real");
  const there: Source["dataset"][] = [];
  const absent: { dataset: string; missing: string }[] = [];
  for (const { dataset, full, quick, options, quickOptions } of SOURCES) {
    const isQuick = scale.name === "quick";
    const source = join(DATA, isQuick ? quick : full);
    if (!existsSync(source)) {
      absent.push({ dataset, missing: source });
      continue;
    }
    there.push(dataset);
    if (existsSync(join(dataDir, dataset, "dataset.json"))) continue;
    log(`importing ${dataset}, once`);
    const given = (isQuick ? quickOptions : undefined) ?? options;
    await runQuiver(["import", dataset, ...filesOf(source), ...given, "--data", dataDir, "--json"], signal);
  }
  return { dataDir, there, absent };
}

function filesOf(source: string): string[] {
  if (source.endsWith(".parquet")) return [source];
  return readdirSync(source)
    .sort()
    .map((name) => join(source, name));
}
