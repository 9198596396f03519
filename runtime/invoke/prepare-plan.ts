import type { ResolvedInput } from "../../shared/contract/describe.ts";
import type { RowOrder } from "../../shared/protocol/row-set.ts";
import { asOfCutoff, parseAsOf } from "../../shared/time/index.ts";
import type { Catalog, CatalogEntry } from "../catalog/catalog.ts";
import { lookOnce } from "../catalog/look-once.ts";
import { type Environment, pickEnvironment } from "../catalog/pick-environment.ts";
import type { SourceChecker } from "../load/check-sources.ts";
import type { RowSetHandle, RowSets } from "../load/row-sets.ts";
import { bindFunction, type BoundFunction } from "../plan/bind-inputs.ts";
import type { InvocationPlan } from "../plan/invocation-plan.ts";
import { completePlan } from "../plan/complete-plan.ts";
import { outlinePlan, type PlanOutline } from "../plan/outline-plan.ts";
import type { PlanInput } from "../plan/plan-input.ts";
import { fingerprintOfPlan } from "../plan/resume-basis.ts";
import { checkSymbols } from "../plan/select-symbols.ts";
import type { Limits } from "../process/limits.ts";
import type { DatasetCache } from "../store/dataset-cache.ts";
import type { DatasetRecord } from "../store/dataset.ts";
import type { InvocationProgress, InvocationRequest } from "../../shared/protocol/invocation.ts";
import type { TimesReader } from "./read-times.ts";
import { handleOf, type RowSetHandles } from "./row-set-handles.ts";
import { datasetRows, type RowSource } from "./row-source.ts";
import { findTableInput } from "./table-input.ts";

export interface PrepareSettings {
  readonly catalog: Catalog;
  readonly datasets: DatasetCache;
  /** Refuses a dataset whose files have changed since their import. */
  readonly sources: SourceChecker;
  readonly rowSets: RowSets;
  readonly times: TimesReader;
  /** The dataset of an invocation that names none; throws if there is none. */
  readonly defaultDataset: () => string;
  /** Runs a read-only query for symbols. */
  readonly selectSymbols: (query: string, signal: AbortSignal | undefined) => Promise<readonly string[]>;
  readonly limits: Limits;
  readonly parallelism: number;
  readonly runtime: Readonly<Record<string, string>>;
  readonly environment: Environment;
}

/** A plan and the row sets it reads, which stay open until `release`. */
export interface PreparedPlan {
  readonly plan: InvocationPlan;
  readonly record: DatasetRecord;
  readonly handles: RowSetHandles;
  /** The progress of what had to run before planning, if progress is reported. */
  readonly before?: InvocationProgress;
  release(): void;
}

/** A request whose names were looked up: the bound function and the rows it runs on. */
export interface ResolvedRequest {
  readonly bound: BoundFunction;
  readonly rows: RowSource;
  /** Whether the rows came with the call, in place of a dataset's. */
  readonly isGiven: boolean;
  readonly symbols: readonly string[] | null;
  readonly asOfMicros: number | null;
}

/** Plans a resolved request, reading no more than necessary. */
export async function preparePlan(
  request: InvocationRequest,
  resolved: ResolvedRequest,
  settings: PrepareSettings,
  signal: AbortSignal | undefined,
): Promise<PreparedPlan> {
  const { rows } = resolved;
  const input = toPlanInput(request, resolved, settings);
  const outline = outlinePlan(input, (key, columns) => rows.has(key, columns));
  const handles: Partial<Record<RowOrder, RowSetHandle>> = {};
  const release = () => Object.values(handles).forEach((handle) => handle.release());
  try {
    for (const order of ["symbol-time", "time-symbol"] as const) {
      const key = outline.rowSets[order];
      if (key !== undefined) handles[order] = await rows.open(key, signal);
    }
    const bySymbol = handles["symbol-time"];
    const timeOf =
      outline.needsTimes && bySymbol !== undefined
        ? await settings.times.open(bySymbol, signal)
        : refuseTimes;
    const plan = completePlan(input, outline, {
      index: (order) => handleOf(handles, order).index,
      timeOf,
      missing: (order, columns) => rows.missing(handleOf(handles, order).key, columns),
    });
    return { plan, record: rows.record, handles, release };
  } catch (error) {
    release();
    throw error;
  }
}

/** The part of a plan that needs no rows. */
export interface PlanBeforeRows {
  readonly input: PlanInput;
  readonly outline: PlanOutline;
  /** The fingerprint that the whole plan will have. */
  readonly fingerprint: string;
}

/** Plans as far as possible without opening rows. Undefined if a table function must run first to make the rows. */
export function planBeforeRows(
  request: InvocationRequest,
  resolved: ResolvedRequest,
  settings: PrepareSettings,
): PlanBeforeRows | undefined {
  if (findTableInput(resolved.bound) !== undefined) return undefined;
  const input = toPlanInput(request, resolved, settings);
  const outline = outlinePlan(input, () => true);
  return { input, outline, fingerprint: fingerprintOfPlan(input, outline) };
}

/** Looks up everything a request names. `given` replaces the rows of the dataset. */
export async function resolveRequest(
  request: InvocationRequest,
  settings: PrepareSettings,
  signal: AbortSignal | undefined,
  given?: RowSource,
): Promise<ResolvedRequest> {
  const { datasets } = settings;
  const catalog = lookOnce(settings.catalog);
  // The function's name is checked first: a caller who mistyped it should not read about the body.
  const entry = await catalog.get(request.function);
  const rows =
    given ?? datasetRows(datasets.get(await rowDatasetOf(request, entry, settings)), settings.rowSets);
  const { record } = rows;
  const asOf = request.asOf ?? null;
  const asOfMicros = asOf === null || record.clocks === null ? null : parseAsOf(asOf, record.clocks.timezone);
  const others: DatasetRecord[] = [];
  const bound = await bindFunction(request.function, request.params ?? {}, request.inputs ?? {}, {
    catalog,
    dataset: record,
    asOfMicros,
    readDataset(name) {
      const other = datasets.get(name).record;
      others.push(other);
      return other;
    },
  });
  for (const used of given === undefined ? [record, ...others] : others) await settings.sources.check(used);
  const symbols = await symbolsOf(request, rows, settings, signal);
  return { bound, rows, isGiven: given !== undefined, symbols, asOfMicros };
}

/** What planning needs to know of a request. */
function toPlanInput(
  request: InvocationRequest,
  { bound, rows, symbols, asOfMicros }: ResolvedRequest,
  { limits, parallelism, runtime, environment }: PrepareSettings,
): PlanInput {
  const { record } = rows;
  const isBounded =
    asOfMicros !== null && (record.latestKnownTime === null || asOfMicros < record.latestKnownTime);
  const isBitemporal = record.knownTime !== null;
  return {
    bound,
    dataset: record,
    symbols,
    from: request.from ?? null,
    to: request.to ?? null,
    asOf: request.asOf ?? null,
    asOfMicros: isBounded && isBitemporal ? asOfMicros : null,
    knownUntil:
      isBounded && !isBitemporal && record.clocks !== null ? asOfCutoff(record.clocks, asOfMicros) : null,
    limits,
    parallelism,
    runtime,
    environmentOf: (entry) => pickEnvironment(entry, environment),
  };
}

/** Inputs of other kinds are matched to existing rows. */
function decidesRows(input: ResolvedInput): boolean {
  return input.kind === "function" || (input.kind === "dataset" && input.dataset === null);
}

/** The dataset that determines the output's rows: the one bound to the first such input, or the request's. */
async function rowDatasetOf(
  request: InvocationRequest,
  entry: CatalogEntry,
  { catalog, defaultDataset }: PrepareSettings,
): Promise<string> {
  const own = request.dataset ?? null;
  const bindings = request.inputs ?? {};
  if (Object.keys(bindings).length > 0) {
    const resolved = await catalog.resolve(entry, request.params ?? {});
    const first = resolved.inputs.find(decidesRows);
    const binding = first === undefined ? undefined : bindings[first.name];
    if (binding !== undefined && "dataset" in binding) return binding.dataset;
  }
  return own ?? defaultDataset();
}

async function symbolsOf(
  request: InvocationRequest,
  rows: RowSource,
  settings: PrepareSettings,
  signal: AbortSignal | undefined,
): Promise<string[] | null> {
  const { symbols } = request;
  if (symbols === undefined) return null;
  const wanted = "sql" in symbols ? await settings.selectSymbols(symbols.sql, signal) : symbols;
  return checkSymbols(rows.record.name, wanted, rows.symbols());
}

function refuseTimes(): number {
  throw new Error("Event times were asked for although the window is open");
}
