import { join } from "node:path";
import { columnView, type ColumnArray } from "../../../shared/arrow/index.ts";
import type { LoadColumnsEnd } from "../../../shared/protocol/engine.ts";
import type { ColumnSource, LoadedColumn, RowSetIndex } from "../../../shared/protocol/row-set.ts";
import { openClocks } from "../../../shared/time/index.ts";
import type { EngineHandler } from "../../engine/engine-handler.ts";
import { columnStem } from "../column-stem.ts";
import { missingBroadcast } from "../missing-broadcast.ts";
import { planColumns } from "./column-plan.ts";
import { createColumnSink, loadedColumns } from "./column-sink.ts";
import { cutRows } from "./cut-rows.ts";
import { filesOf, whereSymbols, type DatasetVersion } from "./dataset-reader.ts";
import { gather, gatherValid } from "./gather.ts";
import { knownMoments, matchMoments, type RowTimes } from "./match-moments.ts";
import { matchExact, matchFollowing, matchKnown, type Span } from "./match-rows.ts";
import { readColumn, toNumbers } from "./read-column.ts";
import { startReadCounter } from "./read-counter.ts";
import { readRowSetIndex } from "./read-index.ts";
import type { StoredOrder } from "./order-file.ts";
import { orderRows } from "./row-order.ts";
import { scanKeys } from "./scan-keys.ts";
import { scatterColumns, type StoredSelection } from "./scatter-columns.ts";
import { writeColumn } from "./write-column.ts";

type OtherSource = Exclude<ColumnSource, { readonly kind: "own" }>;

/** Fills columns of another dataset, row-aligned with this row set. */
export const matchColumns: EngineHandler<"match-columns"> = async (
  { key, dir, columns, base },
  call,
  context,
): Promise<LoadColumnsEnd> => {
  const statistics = startReadCounter();
  const source = sourceOf(columns[0]!.source);
  const index = readRowSetIndex(dir);
  const own = context.datasets.open(key.dataset, key.version);
  const other = context.datasets.open(source.dataset, source.version);
  const symbols = symbolsNeeded(source, index, other);
  const scope = key.symbols === null && symbols.length > 1 ? null : symbols;
  const selection: StoredSelection = {
    version: other,
    files: filesOf(other.record, scope),
    where: whereSymbols(scope),
    database: context.database,
    signal: call.signal,
  };
  try {
    const rows: RowTimes = {
      record: own.record,
      ts: toNumbers(readColumn(base.ts).values),
      knownAt: base.knownAt === null ? null : Float64Array.from(toNumbers(readColumn(base.knownAt).values)),
    };
    const matched = await matchRows(source, selection, symbols, index, rows);
    const plans = await planColumns(other, selection, columns, context.database);
    const sink = createColumnSink((event) => call.event(event));
    const runs = cutRows(index.firstRows, context.partRows);
    for (const [number, plan] of plans.entries()) {
      const [stored] = await scatterColumns(selection, [plan], matched.order, matched.rowCount);
      const values = gather(stored!.values, matched.rows);
      const valid = fillMissing(values, plan.request.type, stored!.valid, matched.rows);
      const pathOf = (part: number) => join(dir, `${columnStem(plan.request)}-${part}.arrow`);
      const target = { name: plan.request.name, fileType: plan.fileType, runs, pathOf };
      for (const written of writeColumn(target, values, valid)) sink.finished(number, written, plan.labels);
    }
    return { columns: loadedColumns(plans, sink), statistics: statistics(index.rowCount) };
  } catch (error) {
    throw context.datasets.explain(other, error);
  }
};

function sourceOf(source: ColumnSource): OtherSource {
  if (source.kind !== "own") return source;
  throw new Error("Cannot match a row set's own columns");
}

/** The relevant symbols of the other dataset, in the order of their codes. */
function symbolsNeeded(source: OtherSource, index: RowSetIndex, other: DatasetVersion): readonly string[] {
  if (source.kind !== "matched" || source.broadcast === null) {
    return index.symbols.filter((symbol) => other.codes.has(symbol));
  }
  if (other.codes.has(source.broadcast)) return [source.broadcast];
  throw missingBroadcast(source.broadcast, other.record.name, other.index.symbols);
}

interface MatchedRows {
  /** The position of each stored row of the other dataset; -1 for rows that are not needed. */
  readonly order: StoredOrder;
  readonly rowCount: number;
  /** For each row of the row set, the position of its match, or -1. */
  readonly rows: Int32Array;
}

async function matchRows(
  source: OtherSource,
  selection: StoredSelection,
  symbols: readonly string[],
  index: RowSetIndex,
  rows: RowTimes,
): Promise<MatchedRows> {
  const { record } = selection.version;
  const asOfMicros = source.kind === "matched" ? source.asOfMicros : null;
  const isByClock = record.knownTime === null && record.clocks !== null;
  const lastTs = asOfMicros !== null && isByClock ? openClocks(record.clocks).asOfCutoff(asOfMicros) : null;
  const filter = { ...selection, symbols, asOfMicros, lastTs };
  const stored = await scanKeys(selection.version, filter, selection.database, selection.signal);
  const others: RowTimes = { record, ts: stored.ts, knownAt: stored.knownAt };
  const isKnown = source.kind === "matched" && source.match === "known";
  // For `known`, rows are in the order in which they became known, including all versions of each.
  const known = isKnown ? knownMoments(others) : null;
  const { positions, firstRows } = orderRows(
    known === null ? stored : { ...stored, ts: known, knownAt: Float64Array.from(stored.ts) },
    symbols.length,
  );
  const rowCount = firstRows.at(-1)!;
  const result = new Int32Array(index.rowCount).fill(-1);
  const spanOf = otherSpans(source, symbols, firstRows);
  const order: StoredOrder = {
    positions: positions.subarray(0, stored.rowCount),
    storedRows: stored.storedRows?.subarray(0, stored.rowCount) ?? null,
  };
  const match = matcherOf(source, rows, others, order.positions, rowCount);
  for (let unit = 0; unit < index.symbols.length; unit++) {
    const otherSpan = spanOf(index.symbols[unit]!);
    if (otherSpan === undefined) continue;
    match({ from: index.firstRows[unit]!, end: index.firstRows[unit + 1]! }, otherSpan, result);
  }
  return { order, rowCount, rows: result };
}

type Matcher = (span: Span, otherSpan: Span, result: Int32Array) => void;

function matcherOf(
  source: OtherSource,
  rows: RowTimes,
  stored: RowTimes,
  positions: Int32Array,
  rowCount: number,
): Matcher {
  if (source.kind === "attributes") {
    return (span, otherSpan, result) => void result.fill(otherSpan.from, span.from, span.end);
  }
  const moments = matchMoments(source.match, rows, stored);
  const others = inOrder(moments.others, positions, rowCount);
  if (source.match === "exact") {
    return (span, otherSpan, result) => matchExact(moments.rows, span, others, otherSpan, result);
  }
  if (source.match === "following") {
    return (span, otherSpan, result) => matchFollowing(moments.rows, span, others, otherSpan, result);
  }
  const ts = inOrder(stored.ts, positions, rowCount);
  return (span, otherSpan, result) => matchKnown(moments.rows, span, others, otherSpan, ts, result);
}

/** The rows of a symbol in the other dataset; when one symbol is broadcast, its rows for every symbol. */
function otherSpans(
  source: OtherSource,
  symbols: readonly string[],
  firstRows: Int32Array,
): (symbol: string) => Span | undefined {
  const spanOf = (code: number): Span | undefined => {
    const span = { from: firstRows[code]!, end: firstRows[code + 1]! };
    return span.from < span.end ? span : undefined;
  };
  if (source.kind === "matched" && source.broadcast !== null) {
    const only = spanOf(0);
    return () => only;
  }
  const codes = new Map(symbols.map((symbol, code) => [symbol, code]));
  return (symbol) => {
    const code = codes.get(symbol);
    return code === undefined ? undefined : spanOf(code);
  };
}

function inOrder(times: Int32Array | Float64Array, positions: Int32Array, rowCount: number): Float64Array {
  const ordered = new Float64Array(rowCount);
  for (let row = 0; row < positions.length; row++) {
    const position = positions[row]!;
    if (position >= 0) ordered[position] = times[row]!;
  }
  return ordered;
}

/** Writes the value for rows without a match: NaN, code -1, or zero with a validity of 0. */
function fillMissing(
  values: ColumnArray,
  type: LoadedColumn["request"]["type"],
  valid: Uint8Array | null,
  rows: Int32Array,
): Uint8Array | null {
  if (type !== "utf8" && type !== "float64" && type !== "float32") return gatherValid(valid, rows);
  const missing = type === "utf8" ? -1 : Number.NaN;
  const target =
    type === "utf8" ? columnView("int32", values.buffer, values.byteOffset, values.length) : values;
  if (target instanceof BigInt64Array) return null;
  for (let i = 0; i < rows.length; i++) if (rows[i]! < 0) target[i] = missing;
  return null;
}
