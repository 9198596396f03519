import { z } from "zod";
import { withConnection } from "../connect.ts";
import type { CommandContext } from "../context.ts";
import { noFunctionsText } from "../no-functions.ts";
import { refusedOption } from "../refused-option.ts";
import { byteText, counted, grouped, textTable } from "../text-table.ts";

const Functions = z.object({
  functions: z.array(
    z.object({ name: z.string(), shape: z.string(), partition: z.string(), description: z.string() }),
  ),
  broken: z.array(z.object({ name: z.string(), file: z.string(), error: z.object({ message: z.string() }) })),
});

const Datasets = z.object({
  datasets: z.array(
    z.object({
      name: z.string(),
      kind: z.string(),
      rowCount: z.number(),
      symbolCount: z.number(),
      features: z.array(z.string()),
      counts: z.object({ quarantined: z.record(z.string(), z.number()) }),
    }),
  ),
});

const Dataset = z.object({
  name: z.string(),
  columns: z.array(z.object({ name: z.string(), type: z.string(), nullable: z.boolean() })),
  counts: z.object({
    in: z.number(),
    kept: z.number(),
    quarantined: z.record(z.string(), z.number()),
    warnings: z.record(z.string(), z.number()),
  }),
  files: z.array(z.object({ byteLength: z.number() })),
  index: z.object({ symbolCount: z.number() }),
  firstTs: z.number().nullable(),
  lastTs: z.number().nullable(),
  features: z.array(
    z.object({
      name: z.string(),
      kind: z.string(),
      current: z.string().nullable(),
      versions: z.array(z.string()),
    }),
  ),
});

/** `quiver ls` lists functions and datasets; `quiver ls <dataset>` shows what is in one. */
export async function lsCommand(context: CommandContext, dataset: string | undefined): Promise<void> {
  const { terminal } = context;
  await withConnection(context, "ls", dataset === undefined ? "list" : "read", async ({ send, where }) => {
    if (dataset !== undefined) {
      refuseFeatureSet(dataset);
      const body: unknown = await (await send(`/datasets/${encodeURIComponent(dataset)}`)).json();
      terminal.out(context.json ? `${JSON.stringify(body)}\n` : datasetText(Dataset.parse(body)));
      return;
    }
    const functions: unknown = await (await send("/functions")).json();
    const datasets: unknown = await (await send("/datasets")).json();
    if (context.json) {
      terminal.out(
        `${JSON.stringify({ ...Functions.loose().parse(functions), ...Datasets.loose().parse(datasets) })}\n`,
      );
    } else {
      terminal.out(functionsText(Functions.parse(functions), noFunctionsText(where, context)));
      terminal.out(datasetsText(Datasets.parse(datasets)));
    }
  });
}

/** Refuses `dataset/feature`, which names a feature set in other commands. */
function refuseFeatureSet(given: string): void {
  const [dataset = "", feature] = given.split("/");
  if (feature === undefined) return;
  throw refusedOption("the dataset", given, `a dataset alone; "quiver ls ${dataset}" lists its feature sets`);
}

function functionsText({ functions, broken }: z.output<typeof Functions>, none: string): string {
  const rows = functions.map(({ name, shape, partition, description }) => [
    name,
    shape,
    partition,
    description,
  ]);
  const table = rows.length === 0 ? `${none}\n` : textTable(["function", "shape", "by", "description"], rows);
  return `${table}${broken.map(({ file, error }) => `${file}: ${error.message}\n`).join("")}\n`;
}

function datasetsText({ datasets }: z.output<typeof Datasets>): string {
  if (datasets.length === 0)
    return 'No datasets yet: "quiver import <dataset> <files…>" or "npm run demo" makes one.\n';
  return textTable(
    ["dataset", "kind", "rows", "symbols", "quarantined", "features"],
    datasets.map(({ name, kind, rowCount, symbolCount, counts, features }) => {
      const quarantined = Object.values(counts.quarantined).reduce((sum, rows) => sum + rows, 0);
      return [name, kind, rowCount, symbolCount, quarantined, features.join(", ")];
    }),
  );
}

/** Describes the symbols and times of a dataset, which users need to select rows. */
function extentText({ index, columns, firstTs, lastTs }: z.output<typeof Dataset>): string {
  const symbols = counted(index.symbolCount, "symbol");
  if (firstTs === null || lastTs === null) return symbols;
  const isDaily = columns.some(({ name, type }) => name === "ts" && type === "date32");
  const shown = (ts: number) => {
    const iso = new Date(isDaily ? ts * 86_400_000 : ts / 1000).toISOString();
    return isDaily ? iso.slice(0, 10) : iso.replace(".000Z", "Z");
  };
  return `${symbols}, ${shown(firstTs)} to ${shown(lastTs)}`;
}

function datasetText(dataset: z.output<typeof Dataset>): string {
  const { columns, counts, files, features } = dataset;
  const byteLength = files.reduce((sum, file) => sum + file.byteLength, 0);
  const quarantined = Object.entries(counts.quarantined).map(
    ([reason, rows]) => `${reason} ${grouped(rows)}`,
  );
  const warnings = Object.entries(counts.warnings).map(([reason, rows]) => `${reason} ${grouped(rows)}`);
  return [
    textTable(
      ["column", "type", "nullable"],
      columns.map((column) => [column.name, column.type, column.nullable]),
    ),
    `${counted(counts.in, "row")} in, ${grouped(counts.kept)} kept, ${counted(files.length, "file")}, ${byteText(byteLength)}`,
    extentText(dataset),
    ...(quarantined.length === 0 ? [] : [`quarantined: ${quarantined.join(", ")}`]),
    ...(warnings.length === 0 ? [] : [`kept with a warning: ${warnings.join(", ")}`]),
    "",
    features.length === 0
      ? 'No features yet: "quiver publish <function>" makes some.\n'
      : textTable(
          ["feature set", "kind", "current", "versions"],
          features.map(({ name, kind, current, versions }) => [name, kind, current, versions.length]),
        ),
  ].join("\n");
}
