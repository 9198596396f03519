import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import type { InvokeOptions } from "../../../runtime/invoke/invocation.ts";
import type { PublishRequest } from "../../../shared/protocol/invocation.ts";
import type { Manifest } from "../../../runtime/store/manifest.ts";
import { type OpenedFunctions, openFunctions } from "../../support/open-functions.ts";
import { queryRows } from "../../support/open-loading.ts";
import { importDataset } from "../../support/real-data.ts";
import { type Bar, importOf, writeBars } from "./growing-market.ts";

/** Functions over datasets that grow, in a folder of their own. */
export interface GrownData {
  readonly dir: string;
  readonly functions: OpenedFunctions;
  importBars(bars: readonly Bar[]): Promise<void>;
  /** Writes the rows of a query as Parquet and imports them. */
  importRows(dataset: string, sql: string): Promise<void>;
  /** The version that is made of the one before, after a check that it holds what computing everything gives. */
  publish(request: PublishRequest, options?: InvokeOptions): Promise<Manifest>;
  close(): Promise<void>;
}

export async function openGrownData(): Promise<GrownData> {
  const dir = mkdtempSync(join(tmpdir(), "quiver-append-"));
  mkdirSync(join(dir, "data"));
  const functions = await openFunctions({ dataDir: join(dir, "data") });
  let imports = 0;
  return {
    dir,
    functions,
    async importBars(bars) {
      await importDataset(functions, importOf(writeBars(dir, `bars-${imports++}.csv`, bars)));
    },
    async importRows(dataset, sql) {
      const path = join(dir, `rows-${imports++}.parquet`);
      await queryRows(`COPY (${sql}) TO '${path}' (FORMAT parquet)`);
      await importDataset(functions, { dataset, files: [path], calendar: "us-equities" });
    },
    async publish(request) {
      const appended = await functions.publish(request);
      const as = `${request.function}-whole`;
      const whole = await functions.publish({ ...request, as }, { recompute: true });
      expect(appended.created, request.function).toBe(true);
      expect(whole.manifest.made?.appendedTo, request.function).toBeNull();
      expect(contentOf(appended.manifest), request.function).toEqual(contentOf(whole.manifest));
      return appended.manifest;
    },
    async close() {
      await functions.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** How a version was made: whole, or with so many rows. */
export function howMade({ made }: Manifest): string | number {
  return made?.appendedTo === null ? "whole" : (made?.rowsComputed ?? -1);
}

/** What does not depend on how a version was made. */
function contentOf(manifest: Manifest) {
  const { rowChecksum, rowCount, firstTs, lastTs, schema, tsType } = manifest;
  return { rowChecksum, rowCount, firstTs, lastTs, schema, tsType };
}
