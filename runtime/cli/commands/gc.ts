import { z } from "zod";
import { defined } from "../../../shared/defined.ts";
import { parseDuration } from "../../../shared/units/parse-duration.ts";
import { parseSize } from "../../../shared/units/parse-size.ts";
import { withConnection } from "../connect.ts";
import type { CommandContext } from "../context.ts";
import { numberOrText } from "../number-or-text.ts";
import { refusedOption } from "../refused-option.ts";
import { byteText, counted, textTable } from "../text-table.ts";

export interface GcCommandOptions {
  readonly keep?: string;
  readonly olderThan?: string;
  readonly maxBytes?: string;
  readonly dryRun?: boolean;
}

const Answer = z.object({
  removed: z.boolean(),
  versions: z.array(
    z.object({ dataset: z.string(), name: z.string(), version: z.string(), byteLength: z.number() }),
  ),
  results: z.object({ count: z.number(), bytes: z.number() }),
  kept: z.object({
    versions: z.number(),
    byteLength: z.number(),
    keep: z.number(),
    olderThanMs: z.number(),
    queryMs: z.number(),
  }),
});

/** `quiver gc`: removes old versions and cached results. */
export async function gcCommand(
  context: CommandContext,
  { keep, olderThan, maxBytes, dryRun }: GcCommandOptions,
): Promise<void> {
  const body = defined({
    keep: numberOrText(keep),
    olderThanMs: olderThan === undefined ? undefined : milliseconds(olderThan),
    maxBytes: maxBytes === undefined ? undefined : bytes(maxBytes),
    dryRun,
  });
  await withConnection(context, "gc", "write", async ({ send }) => {
    const answer = Answer.parse(await (await send("/gc", { method: "POST", json: body })).json());
    context.terminal.out(context.json ? `${JSON.stringify(answer)}\n` : text(answer));
  });
}

function milliseconds(given: string): number {
  const age = parseDuration(given);
  if (age === undefined) throw refusedOption("--older-than", given, "a duration such as 90s, 12h or 30d");
  return Math.floor(age);
}

function bytes(given: string): number {
  const size = parseSize(given);
  if (size === undefined) throw refusedOption("--max-bytes", given, "a size such as 500MiB or 20GiB");
  return size;
}

function text({ removed, versions, results, kept }: z.output<typeof Answer>): string {
  const verb = removed ? "Removed" : "Would remove";
  const bytes = versions.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const table =
    versions.length === 0
      ? ""
      : `${textTable(
          ["feature set", "version", "bytes"],
          versions.map((one) => [`${one.dataset}/${one.name}`, one.version, byteText(one.byteLength)]),
        )}\n`;
  const parts = [
    ...(versions.length === 0 ? [] : [`${counted(versions.length, "version")}, ${byteText(bytes)}`]),
    ...(results.count === 0
      ? []
      : [`${counted(results.count, "cached result")}, ${byteText(results.bytes)}`]),
  ];
  const head = parts.length === 0 ? "Nothing to remove" : `${verb} ${parts.join(", and ")}`;
  return `${table}${head}.\n${keptText(kept)}`;
}

/** Says what was kept and by which rule, so that the user knows what to change to free more. */
function keptText({
  versions,
  byteLength,
  keep,
  olderThanMs,
  queryMs,
}: z.output<typeof Answer>["kept"]): string {
  if (versions === 0) return "Kept no versions: nothing is published.\n";
  const verb = versions === 1 ? "stays" : "stay";
  const first = keep === 0 ? "" : ` the newest${keep === 1 ? "" : ` ${keep}`} of each feature set (--keep),`;
  return (
    `${counted(versions, "version")} ${verb}, ${byteText(byteLength)}: what is current,${first} ` +
    `what was current in the last ${ageText(olderThanMs)} (${olderThanMs === queryMs ? "as long as a query may run" : "--older-than"}), and what those use files of.\n`
  );
}

/** A duration in the largest unit that divides it. */
function ageText(ms: number): string {
  const units = { day: 86_400_000, hour: 3_600_000, minute: 60_000, second: 1000 };
  const [noun = "second", size = 1000] = Object.entries(units).find(([, one]) => ms % one === 0) ?? [];
  return counted(ms / size, noun);
}
