import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { defined } from "../../shared/defined.ts";
import type { ResolvedInput } from "../../shared/contract/describe.ts";
import { QuiverError } from "../../shared/errors/index.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { EngineClient } from "../engine/engine-client.ts";
import type { DatasetRecord } from "../store/dataset.ts";
import type { OpenBody } from "./create-invoker.ts";
import { givenRows } from "./row-source.ts";

export interface OpenBodySettings {
  readonly catalog: Catalog;
  readonly engine: EngineClient;
  /** A folder whose files children can map. */
  readonly stagesDir: string;
}

/** Turns an uploaded Arrow body into rows for a function; the engine reads and checks it. */
export function createOpenBody({ catalog, engine, stagesDir }: OpenBodySettings): OpenBody {
  return async (request, options) => {
    const { body, signal } = options;
    if (body === undefined) throw new Error("There is no body to open");
    const entry = await catalog.get(request.function);
    const resolved = await catalog.resolve(entry, request.params ?? {});
    const input = inputOf(request.function, resolved.inputs, body.input);
    const dir = await mkdtemp(join(stagesDir, "body-"));
    const release = () => rm(dir, { recursive: true, force: true });
    try {
      const columns = input.columns.map(({ name, type, nullable }) => ({ name, type, nullable }));
      const rows = await engine.request(
        { op: "arrow-rows", path: body.path, dir, columns },
        defined({ signal }),
      );
      return {
        rows: givenRows({ record: recordOf(rows), index: rows.index, columns: rows.columns }),
        release,
      };
    } catch (error) {
      await release();
      throw error;
    }
  };
}

/** The input that the body is for: the named one, or the only input that takes the invocation's own dataset. */
function inputOf(name: string, inputs: readonly ResolvedInput[], wanted: string | null): ResolvedInput {
  const candidates = inputs.filter((input) => input.kind === "dataset" && input.dataset === null);
  const found = wanted === null ? candidates[0] : candidates.find((input) => input.name === wanted);
  if (found !== undefined && (wanted !== null || candidates.length === 1)) return found;
  const known = candidates.map((input) => input.name);
  const have = known.length === 0 ? "it has none that takes rows" : `it has ${known.join(", ")}`;
  throw new QuiverError(
    "unknown-input",
    wanted === null
      ? `Cannot tell which input of ${JSON.stringify(name)} the Arrow body is for: ${have}. Name it with "?input=".`
      : `Cannot bind the Arrow body to the input ${JSON.stringify(wanted)} of ${JSON.stringify(name)}: ${have}.`,
    { function: name, input: wanted, known },
  );
}

/** Describes a body as a dataset. Its times are in UTC, without sessions. */
function recordOf(rows: {
  readonly index: {
    readonly tsType: "date32" | "timestamp";
    readonly rowCount: number;
    readonly symbols: readonly string[];
  };
  readonly columns: readonly {
    readonly request: { readonly name: string; readonly type: DatasetRecord["columns"][number]["type"] };
  }[];
  readonly fingerprint: string;
  readonly firstTs: number | null;
  readonly lastTs: number | null;
}): DatasetRecord {
  const { tsType, rowCount, symbols } = rows.index;
  return {
    formatVersion: 1,
    name: "body",
    kind: "bars",
    columns: [
      { name: "symbol", type: "utf8", nullable: false },
      ...rows.columns.map(({ request: { name, type } }) => ({ name, type, nullable: true })),
    ],
    key: "symbol",
    eventTime: "ts",
    knownTime: null,
    clocks: {
      timezone: "UTC",
      stamp: "end",
      intervalSeconds: tsType === "date32" ? "1d" : 60,
      calendar: null,
      sessions: null,
      availabilitySeconds: 0,
    },
    layout: "overlapping",
    files: [],
    index: { path: "", symbolCount: symbols.length },
    rowCount,
    firstTs: rows.firstTs,
    lastTs: rows.lastTs,
    latestKnownTime: null,
    sources: [],
    counts: { in: rowCount, kept: rowCount, quarantined: {}, warnings: {} },
    fingerprint: rows.fingerprint,
    importedAt: "",
    rules: { allowNonPositivePrices: true, strict: false },
    defaults: {},
  };
}
