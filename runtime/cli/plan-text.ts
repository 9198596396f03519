import { z } from "zod";
import { byteText, counted, grouped, textTable } from "./text-table.ts";

const Column = z.object({
  name: z.string(),
  source: z.object({
    kind: z.string(),
    dataset: z.string().optional(),
    broadcast: z.string().nullish(),
  }),
});
type Column = z.output<typeof Column>;

const Order = z.enum(["symbol-time", "time-symbol"]);

/** The parts of a plan that are shown. */
export const ShownPlan = z.looseObject({
  function: z.string(),
  dataset: z.string(),
  fingerprint: z.string(),
  rowsOf: z.object({ function: z.string(), dataset: z.string() }).nullable(),
  asOf: z.string().nullable(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  kept: z.object({ partitionCount: z.number(), partitionsFound: z.number() }),
  symbolCount: z.number(),
  outputRowCount: z.number(),
  sourceFiles: z.array(z.object({ byteLength: z.number() })),
  missing: z.array(z.object({ order: Order, columns: z.array(Column) })),
  stages: z.array(
    z.object({
      function: z.string().nullable(),
      params: z.record(z.string(), z.unknown()),
      order: Order,
      outputs: z.array(z.unknown()),
      lookBack: z.number().nullable(),
      columns: z.array(
        z.discriminatedUnion("from", [
          z.object({ from: z.literal("row-set"), request: Column }),
          z.object({ from: z.literal("stage"), stage: z.number() }),
        ]),
      ),
      partitions: z.array(z.object({ inputRowCount: z.number(), outputRowCount: z.number() })),
    }),
  ),
});
export type ShownPlan = z.output<typeof ShownPlan>;

/** Describes a plan: its result, its stages in order, and the columns to load. */
export function planText(plan: ShownPlan): string {
  const { dataset, rowsOf, outputRowCount, symbolCount, stages } = plan;
  const last = stages.at(-1);
  const rows = rowsOf === null ? dataset : `the rows of ${rowsOf.function} on ${rowsOf.dataset}`;
  const size = `${counted(outputRowCount, "row")} of ${counted(symbolCount, "symbol")}`;
  const columns = counted(last?.outputs.length ?? 0, "column");
  return [
    `${plan.function} on ${rows}: ${size}, ${columns}${boundsText(plan)}\n`,
    paramsText(last?.params ?? {}),
    `\n${stagesText(plan)}\n`,
    loadText(plan),
    keptText(plan),
  ].join("");
}

function boundsText({ from, to, asOf }: ShownPlan): string {
  const bounds = { from, to, "as of": asOf };
  return Object.entries(bounds)
    .map(([word, time]) => (time === null ? "" : `, ${word} ${time}`))
    .join("");
}

function paramsText(params: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(params).map(([name, value]) => `${name}=${cut(JSON.stringify(value))}`);
  return given.length === 0 ? "" : `Parameters: ${given.join(", ")}\n`;
}

const LENGTH_MAX = 60;

function cut(text: string): string {
  return text.length <= LENGTH_MAX ? text : `${text.slice(0, LENGTH_MAX - 1)}…`;
}

const SORTED = { "symbol-time": "by symbol", "time-symbol": "by moment" } as const;

function stagesText({ stages, dataset }: ShownPlan): string {
  const rows = stages.map((stage, index) => {
    const { partitions, columns, lookBack } = stage;
    const numbers = columns.flatMap((column) => (column.from === "stage" ? [column.stage + 1] : []));
    const ofDataset = columns.some((column) => column.from === "row-set" && !isOfOrder(column.request));
    return [
      index + 1,
      stage.function ?? `(rows ${SORTED[stage.order]})`,
      [...(ofDataset ? [dataset] : []), ...new Set(numbers)].join(", "),
      stage.outputs.length,
      partitions.length,
      partitions.reduce((sum, { inputRowCount }) => sum + inputRowCount, 0),
      partitions.reduce((sum, { outputRowCount }) => sum + outputRowCount, 0),
      stage.function === null ? "" : lookBack === null ? "all" : grouped(lookBack),
    ];
  });
  const head = ["", "stage", "reads", "columns", "partitions", "rows read", "rows made", "look-back"];
  return textTable(head, rows);
}

function loadText({ stages, missing, sourceFiles }: ShownPlan): string {
  const wanted = stages.flatMap(({ order, columns }) =>
    columns.flatMap((column) => (column.from === "row-set" ? [{ order, column: column.request }] : [])),
  );
  const absent = missing.flatMap(({ order, columns }) => columns.map((column) => ({ order, column })));
  const absentNames = new Set(absent.map((one) => JSON.stringify(one)));
  const there = wanted.filter((one) => !absentNames.has(JSON.stringify(one)));
  const bytes = sourceFiles.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const files = `${counted(sourceFiles.length, "file")}, ${byteText(bytes)}`;
  const toLoad = columnsText(absent);
  return (
    `Already loaded: ${columnsText(there) || "nothing"}\n` +
    `To load: ${toLoad === "" ? "nothing" : `${toLoad} (of ${files})`}\n`
  );
}

/** Says how much of the result is cached. */
function keptText({ kept: { partitionCount, partitionsFound } }: ShownPlan): string {
  if (partitionsFound === 0) return "Cached: nothing of the result\n";
  if (partitionsFound === partitionCount) return "Cached: the result; nothing is computed\n";
  return `Cached: ${partitionsFound} of ${counted(partitionCount, "partition")} of the result\n`;
}

type Wanted = { readonly order: z.output<typeof Order>; readonly column: Column };

function columnsText(wanted: readonly Wanted[]): string {
  const orders = Object.entries(SORTED).flatMap(([order, words]) => {
    const ofOrder = wanted.filter((one) => one.order === order && !isOfOrder(one.column));
    const names = [...new Set(ofOrder.map(({ column }) => columnText(column)))];
    return names.length === 0 ? [] : [`${names.join(", ")} ${words}`];
  });
  return orders.join("; ");
}

function columnText({ name, source }: Column): string {
  if (source.broadcast != null) return `${name} of ${source.broadcast}`;
  return source.kind === "own" ? name : `${name} of ${source.dataset ?? "another dataset"}`;
}

/** Whether a column is a key, or maps one order to the other: the function did not ask for it. */
function isOfOrder({ name, source }: Column): boolean {
  return source.kind === "own" && /^(symbol|ts|symbol-time-row|time-symbol-row)$/.test(name);
}
