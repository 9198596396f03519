import { z } from "zod";
import { defined } from "../../../shared/defined.ts";
import { withConnection } from "../connect.ts";
import type { CommandContext } from "../context.ts";
import { numberOrText } from "../number-or-text.ts";
import { orderJob, type OrderOptions, refuseWithoutAsync } from "../order-job.ts";
import { createProgress } from "../progress.ts";
import { readProgress } from "../read-progress.ts";
import { recomputeHeaders, selectionBody, type SelectionOptions } from "../selection-options.ts";
import { byteText, counted, durationText, textTable } from "../text-table.ts";

export interface PublicationOptions {
  readonly as?: string;
  readonly replace?: boolean;
  readonly codec?: string;
  readonly level?: string;
}

export interface PublishCommandOptions extends SelectionOptions, OrderOptions, PublicationOptions {}

/** The parts of a manifest that are shown. */
export const ShownVersion = z.object({
  created: z.boolean(),
  dataset: z.string(),
  name: z.string(),
  version: z.string(),
  rowCount: z.number(),
  byteLength: z.number(),
  rowChecksum: z.string(),
  /** Absent in versions that an older Quiver published. */
  made: z
    .object({
      appendedTo: z.string().nullable(),
      rowsComputed: z.number(),
      symbolsRecomputed: z.number(),
      partsReferenced: z.number(),
    })
    .optional(),
  parts: z.array(z.unknown()),
  schema: z.array(
    z.object({ name: z.string(), type: z.string(), nullCount: z.number(), infCount: z.number() }),
  ),
  timings: z.array(z.object({ stage: z.string(), milliseconds: z.number() })),
});
export type ShownVersion = z.output<typeof ShownVersion>;

/** `quiver publish <function>`: resolves to the new version, or the equal one that exists; to undefined for a job. */
export async function publishCommand(
  context: CommandContext,
  name: string,
  options: PublishCommandOptions,
): Promise<ShownVersion | undefined> {
  const publish = publicationTarget(options);
  if (options.async === true) {
    await orderJob(context, "publish", name, { ...selectionBody(options), publish }, options);
    return undefined;
  }
  refuseWithoutAsync(options);
  return withConnection(context, "publish", "write", async ({ send }) => {
    const path = `/functions/${encodeURIComponent(name)}`;
    const progress = createProgress(context.terminal, `publish ${name}`, context.json);
    const json = { ...selectionBody(options), publish };
    let body: unknown;
    try {
      const response = await send(path, {
        method: "POST",
        json,
        headers: recomputeHeaders(options),
        accept: "application/x-ndjson",
      });
      body = await readProgress(response, progress);
    } finally {
      progress.stop();
    }
    const published = ShownVersion.parse(body);
    context.terminal.out(context.json ? `${JSON.stringify(body)}\n` : publishedText(published));
    return published;
  });
}

/** The part of the request that says where the rows go. */
export function publicationTarget({
  as,
  replace,
  codec,
  level,
}: PublicationOptions): Record<string, unknown> {
  return defined({
    as,
    replace,
    codec,
    compressionLevel: numberOrText(level),
  });
}

export function publishedText(published: ShownVersion): string {
  const { created, dataset, name, version, rowCount, byteLength, parts, schema, timings } = published;
  const head = created
    ? `Published ${dataset}/${name} version ${version}`
    : `Nothing to publish: ${dataset}/${name} version ${version} is equal`;
  const size = [
    counted(rowCount, "row"),
    counted(schema.length, "column"),
    counted(parts.length, "file"),
    byteText(byteLength),
  ].join(", ");
  const stages = timings
    .map(({ stage, milliseconds }) => `${stage} ${durationText(milliseconds)}`)
    .join(", ");
  const columns = textTable(
    ["column", "type", "null", "inf"],
    schema.map((column) => [column.name, column.type, column.nullCount, column.infCount]),
  );
  const making = created ? makingText(published.made) : "";
  return `${head}\n${size}\n${making}${created ? `${stages}\n` : ""}\n${columns}`;
}

/** Says what was computed for a version that extends another. */
function makingText(made: ShownVersion["made"]): string {
  if (made?.appendedTo == null) return "";
  const { appendedTo, rowsComputed, symbolsRecomputed, partsReferenced } = made;
  const anew =
    symbolsRecomputed === 0
      ? ""
      : ` (${counted(symbolsRecomputed, "symbol")} from ${symbolsRecomputed === 1 ? "its" : "their"} first row)`;
  return `Appended to ${appendedTo}: ${counted(rowsComputed, "row")} computed${anew}, ${counted(partsReferenced, "file")} kept\n`;
}
