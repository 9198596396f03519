import type { ResolvedColumn, ResolvedFunction, ResolvedInput } from "../../shared/contract/describe.ts";
import type { Match } from "../../shared/contract/inputs.ts";
import { didYouMean, QuiverError } from "../../shared/errors/index.ts";
import type { ColumnSource } from "../../shared/protocol/row-set.ts";
import type { CatalogEntry } from "../catalog/catalog.ts";
import type { CatalogReader } from "../catalog/look-once.ts";
import type { InputBinding } from "../../shared/protocol/invocation.ts";
import type { DatasetRecord } from "../store/dataset.ts";
import { cycleSentence } from "./cycle-sentence.ts";
import { refuseLabel } from "./refuse-label.ts";
import { refuseMissingOutput } from "./upstream-output.ts";

/** A function with its parameters parsed and every column it reads traced to where it comes from. */
export interface BoundFunction {
  readonly entry: CatalogEntry;
  /** Parameters as the caller gave them. */
  readonly given: Readonly<Record<string, unknown>>;
  readonly resolved: ResolvedFunction;
  readonly columns: readonly BoundColumn[];
  readonly upstream: readonly BoundFunction[];
}

export type BoundColumn =
  | {
      readonly input: string;
      readonly column: ResolvedColumn;
      readonly from: "dataset";
      readonly source: ColumnSource;
    }
  | {
      readonly input: string;
      readonly column: ResolvedColumn;
      readonly from: "function";
      readonly upstream: number;
    };

export interface Binder {
  readonly catalog: CatalogReader;
  readonly dataset: DatasetRecord;
  /** Latest known time that rows of other datasets may have; null for no bound. */
  readonly asOfMicros: number | null;
  /** Returns the record of another dataset; throws if it does not exist. */
  readonly readDataset: (name: string) => DatasetRecord;
}

/**
 * Resolves a function and, through its inputs, everything upstream of it. `bindings` replaces inputs of the
 * outermost function. Refuses an unknown input, a missing column and a cycle.
 */
export async function bindFunction(
  name: string,
  given: Readonly<Record<string, unknown>>,
  bindings: Readonly<Record<string, InputBinding>>,
  binder: Binder,
  path: readonly string[] = [],
): Promise<BoundFunction> {
  if (path.includes(name)) {
    const cycle = [...path.slice(path.indexOf(name)), name];
    throw new QuiverError("function-cycle", cycleSentence(name, cycle), { cycle });
  }
  const entry = await binder.catalog.get(name);
  const resolved = await binder.catalog.resolve(entry, given);
  refuseUnknownInputs(name, resolved, bindings);
  const columns: BoundColumn[] = [];
  const upstream: BoundFunction[] = [];
  for (const declared of resolved.inputs) {
    const input = rebind(declared, bindings[declared.name]);
    if (input.kind === "function") {
      const index = upstream.length;
      const bound = await bindFunction(input.function, input.params, {}, binder, [...path, name]);
      refuseLabel(entry, input.name, bound.entry);
      upstream.push(bound);
      const gives = { name: bound.entry.name, outputs: bound.resolved.outputs };
      for (const column of input.columns) {
        refuseMissingOutput(name, input.name, column, gives);
        columns.push({ input: input.name, column, from: "function", upstream: index });
      }
      continue;
    }
    const { record, source } = sourceOf(input, binder);
    if (source.kind === "own") refuseOtherBars(entry, record);
    for (const column of input.columns) {
      refuseMissingColumn(name, input.name, column, record);
      columns.push({ input: input.name, column, from: "dataset", source });
    }
  }
  return { entry, given, resolved, columns, upstream };
}

function rebind(input: ResolvedInput, binding: InputBinding | undefined): ResolvedInput {
  if (binding === undefined) return input;
  const { name, columns } = input;
  if ("function" in binding) {
    return { name, columns, kind: "function", function: binding.function, params: binding.params ?? {} };
  }
  if (input.kind === "function")
    return { name, columns, kind: "dataset", dataset: binding.dataset, match: "exact" };
  return { ...input, dataset: binding.dataset };
}

function sourceOf(
  input: Exclude<ResolvedInput, { kind: "function" }>,
  binder: Binder,
): { record: DatasetRecord; source: ColumnSource } {
  const own = binder.dataset;
  const record =
    input.dataset === null || input.dataset === own.name ? own : binder.readDataset(input.dataset);
  const version = record.fingerprint;
  const match = input.kind === "attributes" ? "exact" : input.match;
  const asOfMicros = boundOf(record, match, binder.asOfMicros);
  switch (input.kind) {
    case "dataset":
      if (record === own) return { record, source: { kind: "own" } };
      return {
        record,
        source: {
          kind: "matched",
          dataset: record.name,
          version,
          match: input.match,
          broadcast: null,
          asOfMicros,
        },
      };
    case "broadcast":
      return {
        record,
        source: {
          kind: "matched",
          dataset: record.name,
          version,
          match: input.match,
          broadcast: input.symbol,
          asOfMicros,
        },
      };
    case "attributes":
      if (record.kind !== "attributes") {
        throw new QuiverError(
          "input-invalid",
          `Cannot bind the input ${JSON.stringify(input.name)} to the dataset ${JSON.stringify(record.name)}: ` +
            `it holds ${record.kind}, expected attributes (one row per symbol, without times).`,
          { input: input.name, dataset: record.name },
        );
      }
      return { record, source: { kind: "attributes", dataset: record.name, version } };
  }
}

/**
 * The latest known time of another dataset's rows. There is no bound if all of its rows were known by then, so that
 * invocations as of different later moments share columns, or if the dataset does not say when rows became known.
 */
function boundOf(record: DatasetRecord, match: Match, asOfMicros: number | null): number | null {
  if (asOfMicros === null) return null;
  if (match === "following" && record.knownTime === null) return null;
  return record.latestKnownTime !== null && record.latestKnownTime <= asOfMicros ? null : asOfMicros;
}

function refuseUnknownInputs(
  name: string,
  resolved: ResolvedFunction,
  bindings: Readonly<Record<string, InputBinding>>,
): void {
  const known = resolved.inputs.map((input) => input.name);
  for (const input of Object.keys(bindings)) {
    if (known.includes(input)) continue;
    throw new QuiverError(
      "unknown-input",
      `Cannot bind the input ${JSON.stringify(input)} of ${JSON.stringify(name)}: it has ${known.join(", ")}.` +
        didYouMean(input, known),
      { function: name, input, known },
    );
  }
}

function refuseMissingColumn(
  name: string,
  input: string,
  column: ResolvedColumn,
  record: DatasetRecord,
): void {
  const known = record.columns.map((candidate) => candidate.name);
  const found = record.columns.find((candidate) => candidate.name === column.name);
  if (found === undefined) {
    throw new QuiverError(
      "unknown-column",
      `Cannot run ${JSON.stringify(name)} on the dataset ${JSON.stringify(record.name)}: its input ${JSON.stringify(input)} ` +
        `needs a column ${JSON.stringify(column.name)}, and the dataset has ${known.join(", ")}.${didYouMean(column.name, known)}`,
      { function: name, input, dataset: record.name, column: column.name, known },
    );
  }
  if ((found.type === "utf8") === (column.type === "utf8")) return;
  throw new QuiverError(
    "input-invalid",
    `Cannot run ${JSON.stringify(name)} on the dataset ${JSON.stringify(record.name)}: the column ${JSON.stringify(column.name)} ` +
      `is ${found.type}, and the input ${JSON.stringify(input)} declares it as ${column.type}.`,
    {
      function: name,
      input,
      dataset: record.name,
      column: column.name,
      given: found.type,
      expected: column.type,
    },
  );
}

/** Refuses daily bars for a function of intraday bars, and the reverse. */
function refuseOtherBars({ name, description: { bars } }: CatalogEntry, record: DatasetRecord): void {
  if (bars === "any" || record.clocks === null) return;
  const given = record.clocks.intervalSeconds === "1d" ? "daily" : "intraday";
  if (given === bars) return;
  throw new QuiverError(
    "input-invalid",
    `Cannot run ${JSON.stringify(name)} on the dataset ${JSON.stringify(record.name)}: it works on ${bars} bars, and these are ` +
      `${given}. Name a dataset of ${bars} bars.`,
    { function: name, dataset: record.name, given, expected: bars },
  );
}
