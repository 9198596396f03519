import { resolve } from "node:path";
import { z } from "zod";
import { defined } from "../../../shared/defined.ts";
import { connect, type Connection } from "../connect.ts";
import type { CommandContext } from "../context.ts";
import { durationSeconds } from "../duration-seconds.ts";
import { createProgress, type ProgressDisplay } from "../progress.ts";
import { numberOrText } from "../number-or-text.ts";
import { readProgress } from "../read-progress.ts";
import { refusedOption } from "../refused-option.ts";
import { counted, grouped, textTable } from "../text-table.ts";

/** The options as commander parses them. A comment gives the field of the request if its name differs. */
export interface ImportCommandOptions {
  readonly kind?: string;
  /** `timezone` */
  readonly tz?: string;
  readonly stamp?: string;
  readonly calendar?: string;
  /** `intervalSeconds`: a duration, or `1d`. */
  readonly interval?: string;
  /** `availabilitySeconds` */
  readonly availability?: string;
  /** `mapping`: a list of `symbol=ticker`. */
  readonly map?: readonly string[];
  readonly ignore?: readonly string[];
  readonly columns?: string;
  readonly separator?: string;
  readonly symbol?: string;
  readonly symbolPattern?: string;
  readonly knownAt?: string;
  readonly timeFormat?: string;
  readonly priceScale?: string;
  readonly allowNonPositivePrices?: boolean;
  readonly strict?: boolean;
}

const Tally = z.object({
  in: z.number(),
  kept: z.number(),
  quarantined: z.record(z.string(), z.number()),
  warnings: z.record(z.string(), z.number()),
});
const Report = z.looseObject({
  dataset: z.string(),
  changed: z.boolean(),
  total: Tally,
  files: z.array(Tally.extend({ path: z.string(), status: z.string() })),
  replacedRows: z.number(),
  datasetRows: z.number(),
  symbolCount: z.number(),
  inferred: z.array(z.object({ fact: z.string(), value: z.string(), why: z.string() })),
  stages: z.array(z.object({ stage: z.string(), seconds: z.number() })),
  quarantineFile: z.string().nullable(),
});
export type Report = z.output<typeof Report>;

/** `quiver import <dataset> <files…>`. */
export async function importCommand(
  context: CommandContext,
  dataset: string,
  files: readonly string[],
  options: ImportCommandOptions,
): Promise<Report> {
  const { terminal } = context;
  const json = { files: files.map((file) => resolve(file)), options: importOptions(options) };
  const connection = await connect(context, "import", "make");
  const progress = createProgress(terminal, `import ${dataset}`, context.json);
  try {
    const report = await readImport(connection, dataset, json, progress);
    progress.stop();
    terminal.out(context.json ? `${JSON.stringify(report)}\n` : reportText(report));
    return report;
  } finally {
    progress.stop();
    await connection.close();
  }
}

/** Sends an import, reads its progress, and resolves to the report. */
export async function readImport(
  { send }: Connection,
  dataset: string,
  json: { readonly files: readonly string[]; readonly options: Readonly<Record<string, unknown>> },
  progress: ProgressDisplay,
): Promise<Report> {
  const path = `/datasets/${encodeURIComponent(dataset)}/import`;
  const response = await send(path, { method: "POST", json, accept: "application/x-ndjson" });
  return Report.parse(await readProgress(response, progress));
}

/** Turns the flags into the options of the import request. */
export function importOptions(options: ImportCommandOptions): Record<string, unknown> {
  const { tz, interval, availability, map, columns, priceScale } = options;
  return defined({
    ...Object.fromEntries(SAME.map((name) => [name, options[name]])),
    timezone: tz,
    intervalSeconds: interval === undefined ? undefined : intervalOf(interval),
    availabilitySeconds:
      availability === undefined ? undefined : durationSeconds("--availability", availability),
    mapping: map === undefined ? undefined : Object.fromEntries(map.map(pair)),
    columns: columns?.split(",").map((name) => name.trim()),
    priceScale: numberOrText(priceScale),
  });
}

/** Flags named like the field of the request. A list, because commander's options also include every setting. */
const SAME = [
  ...(["kind", "stamp", "calendar", "ignore", "separator", "symbol", "symbolPattern", "knownAt"] as const),
  ...(["timeFormat", "allowNonPositivePrices", "strict"] as const),
];

export function reportText(report: Report): string {
  const { dataset, total, files, stages, inferred, datasetRows, symbolCount } = report;
  if (!report.changed) {
    return `Nothing changed: ${dataset} holds ${files.length === 1 ? "that file" : `those ${files.length} files`} already (${counted(datasetRows, "row")}).\n`;
  }
  const rejected = Object.entries(total.quarantined).filter(([, rows]) => rows > 0);
  const noted = Object.entries(total.warnings).filter(([, rows]) => rows > 0);
  const quarantined = rejected.reduce((sum, [, rows]) => sum + rows, 0);
  const seconds = stages.reduce((sum, stage) => sum + stage.seconds, 0);
  return [
    `Imported ${dataset}: ${counted(total.in, "row")} in, ${grouped(total.kept)} kept, ${grouped(quarantined)} quarantined, in ${seconds.toFixed(2)} s`,
    `The dataset now has ${counted(datasetRows, "row")} of ${counted(symbolCount, "symbol")}.`,
    ...(inferred.length === 0
      ? []
      : [
          "",
          textTable(
            ["not given", "inferred", "because"],
            inferred.map(({ fact, value, why }) => [fact, value, why]),
          ).trimEnd(),
        ]),
    ...(rejected.length === 0 ? [] : ["", textTable(["quarantined because", "rows"], rejected).trimEnd()]),
    ...(noted.length === 0 ? [] : ["", textTable(["kept, but", "rows"], noted).trimEnd()]),
    ...(report.replacedRows === 0
      ? []
      : [`${counted(report.replacedRows, "row")} of earlier imports were replaced by restated ones.`]),
    ...(report.quarantineFile === null
      ? []
      : [`The quarantined rows are in ${report.quarantineFile} in the data directory.`]),
    "",
  ].join("\n");
}

function intervalOf(text: string): number | "1d" {
  return text.trim() === "1d" ? "1d" : durationSeconds("--interval", text, ", or 1d for daily bars");
}

function pair(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at <= 0) throw refusedOption("--map", text, 'canonical=source, for example "symbol=ticker"');
  return [text.slice(0, at), text.slice(at + 1)];
}
