import { QuiverError } from "../../shared/errors/index.ts";
import type { ColumnRequest, RowOrder } from "../../shared/protocol/row-set.ts";
import { asOfCutoff, parseAsOf } from "../../shared/time/index.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { RowSetHandle, RowSets } from "../load/row-sets.ts";
import { bindFunction } from "../plan/bind-inputs.ts";
import type { InvocationPlan } from "../plan/invocation-plan.ts";
import { completePlan, outlinePlan, type PlanInput } from "../plan/plan-invocation.ts";
import { checkSymbols } from "../plan/select-symbols.ts";
import type { Limits } from "../process/limits.ts";
import type { CachedDataset, DatasetCache } from "../store/dataset-cache.ts";
import type { InvocationRequest } from "./invocation.ts";
import type { TimesReader } from "./read-times.ts";
import type { StageClock } from "./stage-clock.ts";

export interface PrepareSettings {
  readonly catalog: Catalog;
  readonly datasets: DatasetCache;
  readonly rowSets: RowSets;
  readonly times: TimesReader;
  /** Dataset of an invocation that names none; rejects when there is no such thing. */
  readonly defaultDataset: () => string;
  /** Runs a read-only query that gives symbols. */
  readonly selectSymbols: (query: string, signal: AbortSignal | undefined) => Promise<readonly string[]>;
  readonly limits: Limits;
  readonly parallelism: number;
  readonly runtime: Readonly<Record<string, string>>;
}

/** A plan with the row sets that it reads, held open until `release`. */
export interface PreparedPlan {
  readonly plan: InvocationPlan;
  readonly dataset: CachedDataset;
  readonly handles: Readonly<Partial<Record<RowOrder, RowSetHandle>>>;
  release(): void;
}

/** Looks up everything a request names and decides what is to be done, reading no more than that needs. */
export async function preparePlan(
  request: InvocationRequest,
  settings: PrepareSettings,
  clock: StageClock,
  signal: AbortSignal | undefined,
): Promise<PreparedPlan> {
  const { rowSets } = settings;
  const { input, dataset } = await resolveRequest(request, settings, signal);
  clock.end("resolve");
  const outline = outlinePlan(input, (key, columns) => rowSets.has(key, columns));
  const handles: Partial<Record<RowOrder, RowSetHandle>> = {};
  const release = () => Object.values(handles).forEach((handle) => handle.release());
  try {
    for (const order of ["symbol-time", "time-symbol"] as const) {
      const key = outline.rowSets[order];
      if (key === undefined) continue;
      handles[order] = rowSets.tryOpen(key) ?? (await rowSets.open(key, signalOption(signal)));
    }
    const bySymbol = handles["symbol-time"];
    const timeOf =
      outline.needsTimes && bySymbol !== undefined
        ? await settings.times.open(bySymbol, signal)
        : refuseTimes;
    const plan = completePlan(input, outline, {
      index: (order) => handleOf(handles, order).index,
      timeOf,
      missing: (order, columns) => missingOf(rowSets, handleOf(handles, order), columns),
    });
    clock.end("plan");
    return { plan, dataset, handles, release };
  } catch (error) {
    release();
    throw error;
  }
}

async function resolveRequest(
  request: InvocationRequest,
  settings: PrepareSettings,
  signal: AbortSignal | undefined,
): Promise<{ input: PlanInput; dataset: CachedDataset }> {
  const { catalog, datasets, limits, parallelism, runtime } = settings;
  // The name in the path comes first: who mistypes it should read about that, not about the body.
  const entry = await catalog.get(request.function);
  const bindings = request.inputs ?? {};
  const dataset = datasets.get(await rowDatasetOf(request, entry.name, settings));
  const { record } = dataset;
  const asOf = request.asOf ?? null;
  const moment = asOf === null || record.clocks === null ? null : parseAsOf(asOf, record.clocks.timezone);
  const isBounded = moment !== null && (record.latestKnownTime === null || moment < record.latestKnownTime);
  const isBitemporal = record.knownTime !== null;
  const bound = await bindFunction(request.function, request.params ?? {}, bindings, {
    catalog,
    dataset: record,
    asOfMicros: moment,
    readDataset: (name) => datasets.get(name).record,
  });
  const symbols = await symbolsOf(request, dataset, settings, signal);
  const input: PlanInput = {
    bound,
    dataset: record,
    symbols,
    from: request.from ?? null,
    to: request.to ?? null,
    asOf,
    asOfMicros: isBounded && isBitemporal ? moment : null,
    knownUntil:
      isBounded && !isBitemporal && record.clocks !== null ? asOfCutoff(record.clocks, moment) : null,
    limits,
    parallelism,
    runtime,
  };
  return { input, dataset };
}

/** The dataset whose rows decide the rows of the output: what the first input is bound to, else the request's. */
async function rowDatasetOf(
  request: InvocationRequest,
  name: string,
  { catalog, defaultDataset }: PrepareSettings,
): Promise<string> {
  const own = request.dataset ?? null;
  const bindings = request.inputs ?? {};
  if (Object.keys(bindings).length > 0) {
    const entry = await catalog.get(name);
    const resolved = await catalog.resolve(entry, request.params ?? {});
    const [first] = resolved.inputs;
    const binding = first === undefined ? undefined : bindings[first.name];
    if (binding !== undefined && "dataset" in binding) return binding.dataset;
  }
  return own ?? defaultDataset();
}

async function symbolsOf(
  request: InvocationRequest,
  dataset: CachedDataset,
  settings: PrepareSettings,
  signal: AbortSignal | undefined,
): Promise<string[] | null> {
  const { symbols } = request;
  if (symbols === undefined) return null;
  const wanted = "sql" in symbols ? await settings.selectSymbols(symbols.sql, signal) : symbols;
  return checkSymbols(dataset.record.name, wanted, dataset.index().symbols);
}

function missingOf(rowSets: RowSets, handle: RowSetHandle, columns: readonly ColumnRequest[]) {
  return rowSets.missing(handle.key, columns);
}

function handleOf(handles: Readonly<Partial<Record<RowOrder, RowSetHandle>>>, order: RowOrder): RowSetHandle {
  const handle = handles[order];
  if (handle === undefined) throw new Error(`No ${order} row set was opened: the outline is wrong`);
  return handle;
}

function refuseTimes(): number {
  throw new QuiverError("internal-error", "Event times were asked for although the window is open.");
}

export function signalOption(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
