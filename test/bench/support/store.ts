import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { makeDayFiles, makeMarket, makeMinuteMarket } from "./market.ts";
import { runQuiver } from "./quiver-server.ts";
import type { Scale } from "./scale.ts";

/** The dataset of every data directory here. */
export const DATASET = "market";

/** Raised when the markets, or what an import makes of them, change. */
const CACHE_VERSION = 1;

export interface ImportFigures {
  readonly seconds: number;
  readonly rowCount: number;
  readonly fileCount: number;
}

export interface Imported {
  readonly dataDir: string;
  /** Null when it was imported by an earlier run. */
  readonly figures: ImportFigures | null;
}

/** Data directories made by Quiver's own import, kept between runs. */
export interface Store {
  readonly dir: string;
  market(): Promise<Imported>;
  largeMarket(): Promise<Imported>;
  dayFiles(): Promise<Imported>;
  /** Symbols that all have equally many days. */
  evenMarket(): Promise<Imported>;
  /** A market that many groups go over one after the other. */
  smallMarket(): Promise<Imported>;
  /** Bars of a minute. */
  minuteMarket(): Promise<Imported>;
  /** Forgets an imported dataset, so that the next call imports it again; its sources stay. */
  forget(name: "market" | "large" | "days"): void;
}

export function openStore(
  cacheDir: string,
  scale: Scale,
  signal: AbortSignal,
  log: (text: string) => void,
): Store {
  const dir = join(cacheDir, `v${CACHE_VERSION}`);
  mkdirSync(dir, { recursive: true });

  async function imported(name: string, sources: (dir: string) => Promise<string[]>): Promise<Imported> {
    const dataDir = join(dir, `data-${name}`);
    if (existsSync(join(dataDir, DATASET, "dataset.json"))) return { dataDir, figures: null };
    const sourceDir = join(dir, `source-${name}`);
    if (!existsSync(sourceDir)) log(`making up the ${name} market, once`);
    const files = await sources(sourceDir);
    log(`importing ${files.length} files`);
    const startedAt = performance.now();
    await runQuiver(
      ["import", DATASET, ...files, "--tz", "America/New_York", "--data", dataDir, "--json"],
      signal,
    );
    const seconds = (performance.now() - startedAt) / 1000;
    return { dataDir, figures: { seconds, rowCount: rowCountOf(dataDir), fileCount: files.length } };
  }

  return {
    dir,
    market: () => imported("market", (to) => makeMarket(to, scale.symbolCount)),
    largeMarket: () => imported("large", (to) => makeMarket(to, scale.largeSymbolCount)),
    evenMarket: () => imported("even", (to) => makeMarket(to, scale.evenSymbolCount, scale.evenHistory)),
    smallMarket: () => imported("small", (to) => makeMarket(to, scale.smallSymbolCount)),
    minuteMarket: () => imported("minutes", (to) => makeMinuteMarket(to, scale.minuteSymbolCount)),
    dayFiles: () => imported("days", (to) => makeDayFiles(to, scale.symbolsPerDayFile, scale.dayFiles)),
    forget(name) {
      rmSync(join(dir, `data-${name}`), { recursive: true, force: true });
    },
  };
}

/** Rows of an imported dataset, from its own record. */
export function rowCountOf(dataDir: string, dataset: string = DATASET): number {
  const record: unknown = JSON.parse(readFileSync(join(dataDir, dataset, "dataset.json"), "utf8"));
  return (record as { rowCount: number }).rowCount;
}

/** The dataset's canonical files, as a pattern for other readers. */
export function barsPattern(dataDir: string): string {
  return join(dataDir, DATASET, "bars", "*.parquet");
}

/** Removes what was published, so that the next publish is whole. */
export function removeFeatures(dataDir: string): void {
  rmSync(join(dataDir, DATASET, "features"), { recursive: true, force: true });
}

export function removeSpool(dataDir: string): void {
  rmSync(join(dataDir, "spool"), { recursive: true, force: true });
}
