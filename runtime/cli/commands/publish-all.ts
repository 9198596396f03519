import { nodeLabel, type PlannedPublication } from "../../graph/plan-publications.ts";
import { concernsNameOnly, saysUnfit } from "../../graph/publication.ts";
import { type NodeEnding, runGraph } from "../../graph/run-graph.ts";
import { errorCodeOf, messageOf, QuiverError } from "../../../shared/errors/index.ts";
import { type Connection, withConnection } from "../connect.ts";
import type { CommandContext } from "../context.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { createProgress } from "../progress.ts";
import { readProgress } from "../read-progress.ts";
import { readPublications } from "../read-publications.ts";
import { type RecomputeOption, recomputeHeaders, type SelectionOptions } from "../selection-options.ts";
import { byteText, durationText, grouped, textTable } from "../text-table.ts";
import { publicationTarget, type PublicationOptions, ShownVersion } from "./publish.ts";

export interface PublishAllOptions
  extends
    Pick<SelectionOptions, "dataset" | "asOf">,
    Pick<PublicationOptions, "replace" | "codec" | "level">,
    RecomputeOption {
  readonly labels?: boolean;
}

/** How many functions are published at once: one can compute while another is planned or collected. */
const AT_ONCE = 3;

interface PublishedNode {
  readonly published: ShownVersion;
  readonly milliseconds: number;
}

/**
 * `quiver publish --all [functions…]`: publishes all functions, or the named ones and what they read, in the order of
 * the graph. Functions that do not fit the dataset are left out with a reason; one that fails or is broken stops only
 * those that read it. Resolves to the exit code, which is a refusal if every named function was left out.
 */
export async function publishAllCommand(
  context: CommandContext,
  names: readonly string[],
  options: PublishAllOptions,
): Promise<number> {
  const startedAt = performance.now();
  return withConnection(context, "publish", "write", async (connection) => {
    const { send } = connection;
    // Checked once here, instead of failing once per function.
    if (options.dataset !== undefined) await send(`/datasets/${encodeURIComponent(options.dataset)}`);
    const { nodes, publications, roots } = await readPublications(connection, context, names, options);
    const progress = createProgress(context.terminal, "publish --all", context.json);
    let ended = 0;
    let endings: NodeEnding<PublishedNode | undefined>[];
    try {
      endings = await runGraph(nodes, {
        concurrency: AT_ONCE,
        run: async ({ id }) => publishNode(publications.get(id), send, options),
        leavesOut: saysUnfit,
        sparesReaders: concernsNameOnly,
        onEnding: ({ node }) => progress.update(nodeLabel(node), ++ended, nodes.length),
      });
    } finally {
      progress.stop();
    }
    throwCommonFailure(endings);
    const rows = endings
      .map((ending) => toRow(ending, publications.get(ending.node.id)))
      .filter((row) => row !== undefined);
    const milliseconds = performance.now() - startedAt;
    context.terminal.out(
      context.json
        ? `${JSON.stringify({ functions: rows, milliseconds })}\n`
        : report(rows, endings.some(asksForParameter), milliseconds),
    );
    if (rows.some((row) => row.outcome === "failed")) return EXIT_CODES.functionFailed.code;
    const isLeftOut = (name: string) => {
      const outcomes = rows.filter((row) => row.function === name).map(({ outcome }) => outcome);
      return outcomes.length > 0 && outcomes.every((outcome) => outcome === "left-out");
    };
    if (roots === null || !roots.every(isLeftOut)) return EXIT_CODES.done.code;
    if (!context.json)
      context.terminal.err(`None of ${roots.join(", ")} was published; the reasons are above.\n`);
    return EXIT_CODES.refused.code;
  });
}

/** If every function failed with the same message, the command itself is wrong: throws that failure once. */
function throwCommonFailure(endings: readonly NodeEnding<PublishedNode | undefined>[]): void {
  const failed = endings.flatMap((ending) =>
    ending.kind === "failed" && ending.node.problem === null ? [ending.error] : [],
  );
  const messages = new Set(failed.map(messageOf));
  const isAll = endings.every((ending) => ending.kind !== "done" || ending.result === undefined);
  if (isAll && failed.length > 1 && messages.size === 1) throw failed[0];
}

async function publishNode(
  publication: PlannedPublication | undefined,
  send: Connection["send"],
  options: PublishAllOptions,
): Promise<PublishedNode | undefined> {
  if (publication === undefined) return undefined;
  const startedAt = performance.now();
  const json = publicationBody(options, publication);
  const path = `/functions/${encodeURIComponent(publication.request.function)}`;
  const headers = recomputeHeaders(options);
  const response = await send(path, { method: "POST", json, headers, accept: "application/x-ndjson" });
  const body = await readProgress(response, { update: () => undefined, stop: () => undefined });
  return { published: ShownVersion.parse(body), milliseconds: performance.now() - startedAt };
}

/** The body of the request for each publication. */
export function publicationBody(
  options: PublishAllOptions,
  { request }: PlannedPublication,
): Record<string, unknown> {
  const { dataset, asOf } = options;
  const { function: _, as, replace, forReaders, ...selection } = request;
  const chosen = Object.entries({ dataset, asOf }).filter(([, value]) => value !== undefined);
  // Which of them replace what a name holds is the plan's to say.
  const target = { ...publicationTarget(options), as, replace, forReaders };
  return { ...selection, ...Object.fromEntries(chosen), publish: target };
}

interface Row {
  readonly function: string;
  /** The name of the feature set. */
  readonly name: string;
  /** The parameters and selection it was and is published with; empty for defaults. */
  readonly with: string;
  readonly outcome: "published" | "equal" | "failed" | "left-out";
  readonly why: string | null;
  readonly code: string | null;
  readonly rowCount: number;
  readonly columns: number;
  readonly byteLength: number;
  readonly milliseconds: number;
}

const NOTHING = { why: null, code: null, rowCount: 0, columns: 0, byteLength: 0, milliseconds: 0 };

function toRow(
  ending: NodeEnding<PublishedNode | undefined>,
  publication: PlannedPublication | undefined,
): Row | undefined {
  const { node } = ending;
  const { name, withText } = publication ?? { name: node.id, withText: "" };
  const subject = {
    function: publication === undefined ? node.id : node.function,
    name,
    with: withText,
  };
  switch (ending.kind) {
    case "left-out":
      return { ...NOTHING, ...subject, outcome: "left-out", why: ending.why };
    case "failed": {
      const { error } = ending;
      const why = messageOf(error);
      const code = errorCodeOf(error) ?? "internal-error";
      return { ...NOTHING, ...subject, outcome: "failed", why, code };
    }
    case "done": {
      if (ending.result === undefined) return undefined;
      const { published, milliseconds } = ending.result;
      const { created, rowCount, byteLength, schema } = published;
      const outcome = created ? "published" : "equal";
      return {
        ...NOTHING,
        ...subject,
        outcome,
        rowCount,
        byteLength,
        columns: schema.length,
        milliseconds,
      };
    }
  }
}

/** Whether a function was refused for a parameter, which only the publication of that one function takes. */
function asksForParameter(ending: NodeEnding<unknown>): boolean {
  return (
    ending.kind !== "done" && ending.error instanceof QuiverError && ending.error.facts["field"] === "--param"
  );
}

function report(rows: readonly Row[], asksForParameters: boolean, milliseconds: number): string {
  const subjects = subjectColumns(rows);
  const table = textTable(
    [...subjects.heads, "outcome", "rows", "columns", "bytes", "time"],
    rows.map((row) => [
      ...subjects.cellsOf(row),
      row.outcome,
      ...(row.why === null
        ? [grouped(row.rowCount), row.columns, byteText(row.byteLength), durationText(row.milliseconds)]
        : ["", "", "", ""]),
    ]),
  );
  const reasons = rows.flatMap((row) => (row.why === null ? [] : [`${subjectText(row)}: ${row.why}\n`]));
  const hint = asksForParameters
    ? 'Parameters belong to one function: pass --param to "quiver publish <function>", without --all.\n'
    : "";
  const counts = (["published", "equal", "left-out", "failed"] as const)
    .map((outcome) => [rows.filter((row) => row.outcome === outcome).length, outcome] as const)
    .filter(([count]) => count > 0)
    .map(([count, outcome]) => `${count} ${outcome}`);
  return `${table}${reasons.length === 0 ? "" : `\n${reasons.join("")}${hint}`}\n${counts.join(", ")} in ${durationText(milliseconds)}\n`;
}

/** What a row of a table is about. */
type Subject = Pick<Row, "function" | "name" | "with">;

/** The first columns of a table of publications: what each was published with only where one was. */
export function subjectColumns(rows: readonly Subject[]) {
  const isShown = rows.some((row) => row.with !== "");
  return {
    heads: isShown ? ["function", "published with"] : ["function"],
    cellsOf: (row: Subject) => (isShown ? [subjectText(row), row.with] : [subjectText(row)]),
  };
}

/** `returns`, or `returns as returns-5d`. */
export function subjectText({ function: function_, name }: Subject): string {
  return name === function_ ? function_ : `${function_} as ${name}`;
}
