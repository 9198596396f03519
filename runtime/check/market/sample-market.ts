import { tableFromIPC } from "apache-arrow";
import { z } from "zod";
import type { ColumnType } from "../../../shared/contract/index.ts";
import { QuiverError } from "../../../shared/errors/index.ts";
import { quoteName, quoteText } from "../../../shared/sql-text.ts";
import type { Clocks } from "../../../shared/time/index.ts";
import type { SendOptions } from "../../cli/connect.ts";
import type { Bench } from "../open-bench.ts";
import type { BarRow, BarTable, CellValue } from "./bar-table.ts";
import { importTable } from "./import-table.ts";
import type { MarketNeeds } from "./market-needs.ts";
import { type Market, openMarket } from "./open-market.ts";

type Send = (path: string, options?: SendOptions) => Promise<Response>;

const SYMBOLS_MAX = 8;
const ROWS_MAX = 40_000;

const Dataset = z.object({
  kind: z.enum(["bars", "series", "attributes"]),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  clocks: z
    .looseObject({
      timezone: z.string(),
      stamp: z.enum(["start", "end"]),
      intervalSeconds: z.union([z.number(), z.literal("1d")]),
    })
    .nullable(),
});
type Dataset = z.output<typeof Dataset>;

/**
 * Makes a market from some symbols of an existing dataset, and of the other datasets that the functions read. The rows
 * are copied, because the checks cut and split them.
 */
export function sampleMarket(send: Send, dataset: string, symbols: readonly string[] | undefined) {
  return async (bench: Bench, needs: MarketNeeds): Promise<Market> => {
    const described = await describe(send, dataset);
    const wanted = symbols ?? (await someSymbols(send, dataset));
    const all = [...new Set([...wanted, ...needs.symbols])].toSorted();
    const table = await readTable(send, dataset, described, all);
    if (table.rows.length === 0) {
      throw new QuiverError(
        "request-malformed",
        `Cannot check on ${JSON.stringify(dataset)}: it has no rows of ${wanted.join(", ")}. Name existing symbols with --symbols.`,
        { dataset, symbols: wanted },
      );
    }
    for (const need of needs.datasets) {
      const other = await describe(send, need.name);
      const rows = await readTable(send, need.name, other, [...new Set([...all, ...need.symbols])]);
      await importTable(bench, need.name, rows, howOf(other));
    }
    const count = new Set(table.rows.map(({ symbol }) => symbol)).size;
    return openMarket(bench, withFactor(table), {
      name: `sample-of-${dataset}`,
      on: `${table.rows.length} bars of ${count} symbols of ${dataset}`,
      ...howOf(described),
    });
  };
}

/**
 * Adds a column `factor` to bars without one, as if some symbols had split two for one, twice. Whether a function keeps
 * its ratios does not depend on which splits there were.
 */
function withFactor(table: BarTable): BarTable {
  if (table.columns.some(({ name }) => name === "factor")) return table;
  const times = [...new Set(table.rows.map(({ ts }) => ts))].toSorted();
  const splits = [0.4, 0.75].map((part) => times[Math.floor(times.length * part)]!);
  const symbols = [...new Set(table.rows.map(({ symbol }) => symbol))];
  const rows = table.rows.map((row) => {
    const isSplit = symbols.indexOf(row.symbol) % 2 === 0;
    const factor = isSplit ? 2 ** splits.filter((split) => row.ts >= split).length : 1;
    return { ...row, cells: [...row.cells, factor] };
  });
  return { ...table, columns: [...table.columns, { name: "factor", type: "float64" }], rows };
}

function howOf({ clocks }: Dataset): { readonly isDaily: boolean; readonly clocks?: Clocks } {
  const isDaily = clocks === null || clocks.intervalSeconds === "1d";
  // The server returns the whole record of the clocks, which was checked when it was stored.
  return clocks === null ? { isDaily } : { isDaily, clocks: clocks as unknown as Clocks };
}

async function describe(send: Send, dataset: string): Promise<Dataset> {
  return Dataset.parse(await (await send(`/datasets/${encodeURIComponent(dataset)}`)).json());
}

/** Chooses the symbols with the longest and the shortest histories, where functions are most likely to differ. */
async function someSymbols(send: Send, dataset: string): Promise<string[]> {
  const q = `select symbol from (select symbol, count(*) as bars from ${schemaOf(dataset)}.bars group by symbol) order by bars, symbol`;
  const rows = tableFromIPC(await sql(send, q));
  const symbols = Array.from({ length: rows.numRows }, (_, row) => String(rows.getChildAt(0)?.get(row)));
  if (symbols.length <= SYMBOLS_MAX) return symbols;
  const spread = Array.from(
    { length: SYMBOLS_MAX },
    (_, i) => symbols[Math.floor((i * (symbols.length - 1)) / (SYMBOLS_MAX - 1))]!,
  );
  return [...new Set(spread)];
}

async function readTable(
  send: Send,
  dataset: string,
  { kind, columns }: Dataset,
  symbols: readonly string[],
): Promise<BarTable> {
  const values = columns.filter(({ name }) => name !== "symbol" && name !== "ts" && name !== "known_at");
  const hasTime = kind !== "attributes";
  const list = symbols.map(quoteText).join(", ");
  const selected = [
    "symbol",
    ...(hasTime ? [timeSql(columns)] : []),
    ...values.map(({ name, type }) => valueSql(name, type)),
  ];
  const perSymbol = Math.max(1, Math.floor(ROWS_MAX / Math.max(1, symbols.length)));
  // Only the last bars of each symbol: they show the same faults in less time.
  const last = hasTime
    ? ` qualify row_number() over (partition by symbol order by ts desc) <= ${perSymbol}`
    : "";
  const query = `select ${selected.join(", ")} from (select * from ${schemaOf(dataset)}.bars where symbol in (${list})${last}) order by symbol${hasTime ? ", ts" : ""}`;
  const result = tableFromIPC(await sql(send, query));
  const cells = values.map((_, i) => result.getChildAt(i + (hasTime ? 2 : 1)));
  const rows = Array.from({ length: result.numRows }, (_, row): BarRow => ({
    symbol: String(result.getChildAt(0)?.get(row)),
    ts: hasTime ? String(result.getChildAt(1)?.get(row)) : "",
    cells: cells.map((vector) => toCell(vector?.get(row))),
  }));
  return { kind, columns: values.map(({ name, type }) => ({ name, type: toType(type) })), rows };
}

function timeSql(columns: Dataset["columns"]): string {
  const isDate = columns.some(({ name, type }) => name === "ts" && type === "date32");
  return isDate
    ? "ts::VARCHAR"
    : "replace(strftime(ts AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ'), '.000000', '')";
}

/** Turns times into text, and leaves numbers as they are, so that no digit is lost. */
function valueSql(name: string, type: string): string {
  const quoted = quoteName(name);
  return /^(float64|float32|int32)$/.test(type) ? quoted : `${quoted}::VARCHAR`;
}

function toCell(value: unknown): CellValue {
  return typeof value === "number" || typeof value === "string" ? value : null;
}

const TYPES: readonly ColumnType[] = [
  "float64",
  "float32",
  "int32",
  "int64",
  "bool",
  "utf8",
  "date32",
  "timestamp",
];

function toType(text: string): ColumnType {
  return TYPES.find((type) => type === text) ?? "float64";
}

async function sql(send: Send, query: string): Promise<Uint8Array> {
  const response = await send("/sql", { method: "POST", text: query, query: { format: "arrow" } });
  return new Uint8Array(await response.arrayBuffer());
}

function schemaOf(dataset: string): string {
  return dataset.replaceAll("-", "_");
}
