import { rmSync } from "node:fs";
import { join } from "node:path";
import { upstreamOf } from "../../../runtime/graph/graph.ts";
import { runtimeName } from "../../../runtime/platform/runtime-facts.ts";
import { barred, type BenchContext, type BenchPart, type Figure, plain } from "../support/bench-part.ts";
import { openCodeReach } from "../support/code-reach.ts";
import { EDITS, KERNEL_EDIT, NEW_FUNCTION, type SourceEdit } from "../support/edits.ts";
import { type Market, smallMarket, someOfUsDaily, wholeUsDaily } from "../support/never-twice-market.ts";
import { processorTimes } from "../support/processor-clock.ts";
import { copyProject, type ProjectCopy } from "../support/project-copy.ts";
import { type Everything, publishEverything } from "../support/publish-everything.ts";
import { type QuiverServer, runQuiver, startServer } from "../support/quiver-server.ts";
import { startedChildren, untilChildrenWait } from "../support/started-children.ts";
import { median, rounded } from "../support/statistics.ts";
import { hasUsDaily } from "../support/us-daily.ts";

const SECOND_MS_MAX = 500;
/** With --quick no figure is quoted. */
const roundsOf = ({ scale }: BenchContext) => (scale.name === "quick" ? 1 : 5);
const NAMES_SHOWN_MAX = 8;
/** With --quick: enough to see that the table is made. */
const QUICK_EDITS = 3;
const QUICK_FUNCTIONS = ["calendar", "cross-section", "moving-averages", "returns", "rsi-macd"];

/** Everything published a second time, and after edits to the sources: what is computed again, and what is not. */
export const neverTwice: BenchPart = {
  name: "never-twice",
  minutesMax: 60,
  async run(context) {
    const isQuick = context.scale.name === "quick";
    if (!isQuick && !hasUsDaily) return { keys: {}, figures: [plain("never-twice", "needs ../shared/data")] };
    const functions = isQuick ? QUICK_FUNCTIONS : null;
    const project = copyProject(join(context.store.dir, "never-twice-project"), functions);
    const dirs: string[] = [project.dir];
    const open = async (make: (context: BenchContext) => Promise<Market>) => {
      const market = await make(context);
      dirs.push(market.dataDir);
      return market;
    };
    try {
      const everything = await open(isQuick ? smallMarket : wholeUsDaily);
      const second = await withServer(context, project, everything, (server) =>
        publishTwice(context, project, everything, server),
      );
      const alone = await timeCommands(context, project, everything);
      const withoutServer = plain("  the whole command without a server", timesText(alone));
      rmSync(everything.dataDir, { recursive: true, force: true });
      const few = await open(isQuick ? smallMarket : someOfUsDaily);
      const rows = await withServer(context, project, few, (server) =>
        publishAfterEdits(context, project, few, server),
      );
      const asExpected = rows.every(isAsExpected);
      return {
        keys: { secondPublishMs: rounded(second.milliseconds), editsRerunAsExpected: asExpected },
        figures: [...second.figures, withoutServer, ...rows.map(toFigure)],
        details: { neverTwice: { ...second.details, alone, edits: rows } },
      };
    } finally {
      for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
    }
  },
};

async function withServer<T>(
  { signal }: BenchContext,
  { dir, functionsDir }: ProjectCopy,
  { dataDir }: Market,
  work: (server: QuiverServer) => Promise<T>,
): Promise<T> {
  const runtime = runtimeName();
  // At no lower priority: other work on the machine should not decide how long the first publish takes.
  const flags = ["--job-nice", "0"];
  const server = await startServer({ dataDir, functionsDir, projectDir: dir, runtime, flags, signal });
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

/** `quiver publish --all` from its start to its end, with what is published already. */
async function timeCommands(
  context: BenchContext,
  { dir, functionsDir }: ProjectCopy,
  { dataDir, dataset }: Market,
): Promise<CommandTimes> {
  const { signal } = context;
  const rounds = roundsOf(context);
  const words = ["publish", "--all", "--labels", "--replace", "--dataset", dataset, "--json"];
  const where = ["--data", dataDir, "--functions", functionsDir];
  const times: number[] = [];
  const { ended } = processorTimes(process.pid);
  for (let round = 0; round < rounds; round++) {
    const startedAt = performance.now();
    await runQuiver([...words, ...where], signal, { projectDir: dir, runtime: runtimeName() });
    times.push(performance.now() - startedAt);
  }
  return { milliseconds: median(times), processorMs: (processorTimes(process.pid).ended - ended) / rounds };
}

/** The processor time is the mean of what each took with all it started; on a busy machine it says more. */
interface CommandTimes {
  readonly milliseconds: number;
  readonly processorMs: number;
}

function timesText({ milliseconds, processorMs }: CommandTimes): string {
  return `${milliseconds.toFixed(0)} ms, processor time ${processorMs.toFixed(0)} ms`;
}

async function publishTwice(
  context: BenchContext,
  project: ProjectCopy,
  market: Market,
  server: QuiverServer,
) {
  const { signal, log } = context;
  const { dataDir, dataset } = market;
  const first = await publishEverything(server.url, dataset, signal);
  const { published, leftOut } = first;
  log(`the first publish took ${(first.milliseconds / 1000).toFixed(1)} s`);
  const pidsBefore = await untilChildrenWait(server, dataDir);
  const startedBefore = await startedChildren(server);
  const { own } = processorTimes(server.pid);
  const second = await publishEverything(server.url, dataset, signal);
  const processorMs = processorTimes(server.pid).own - own;
  const again: number[] = [];
  for (let round = 0; round < roundsOf(context); round++)
    again.push((await publishEverything(server.url, dataset, signal)).milliseconds);
  const command = await timeCommands(context, project, market);
  const started = (await startedChildren(server)) - startedBefore;
  const pidsAfter = await untilChildrenWait(server, dataDir);
  const used = pidsBefore.filter((pid) => !pidsAfter.includes(pid)).length;
  const { milliseconds } = second;
  const rowCount = published.reduce((sum, each) => sum + each.rowCount, 0);
  const firstFacts = `${published.length} functions, ${rowCount} rows, ${(first.milliseconds / 1000).toFixed(1)} s`;
  const figures: Figure[] = [
    plain("first publish of everything", firstFacts),
    plain("left out, as they do not fit the data", leftOut.join(" ") || "none"),
    barred("second publish, as a client of the server", milliseconds, " ms", { max: SECOND_MS_MAX }, 0),
    plain("  processor time of the server", `${processorMs} ms`),
    plain("  once more, median", `${median(again).toFixed(0)} ms`),
    barred("second publish, the whole command", command.milliseconds, " ms", { max: SECOND_MS_MAX }, 0),
    plain("  processor time of the command", `${command.processorMs.toFixed(0)} ms`),
    barred("  new versions", createdIn(second).length, "", { max: 0 }, 0),
    barred("  children started meanwhile", started, "", { max: 0 }, 0),
    barred("  of those waiting, used up", used, "", { max: 0 }, 0),
  ];
  const details = {
    firstMs: first.milliseconds,
    secondMs: milliseconds,
    processorMs,
    again,
    command,
    started,
  };
  return { milliseconds, figures, details };
}

function createdIn({ published }: Everything): string[] {
  return published
    .filter(({ created }) => created)
    .map(({ name }) => name)
    .toSorted();
}

/** One edit, what was computed again after it, and what should have been. */
interface EditRow {
  readonly what: string;
  readonly ran: readonly string[];
  readonly expected: readonly string[];
  readonly childrenStarted: number;
  /** Functions whose rows are other than before any edit. */
  readonly otherRows: readonly string[];
  readonly expectsOtherRows: boolean;
  /** Of the rows of what ran, how many were computed. */
  readonly rowsComputed: number;
  readonly rowCount: number;
}

async function publishAfterEdits(
  { signal, log, scale }: BenchContext,
  project: ProjectCopy,
  market: Market,
  server: QuiverServer,
): Promise<EditRow[]> {
  const before = await publishEverything(server.url, market.dataset, signal);
  const all = before.published.map(({ name }) => name).toSorted();
  const checksums = new Map(before.published.map(({ name, rowChecksum }) => [name, rowChecksum]));
  const rows: EditRow[] = [];

  async function note(what: string, expected: readonly string[], expectsOtherRows: boolean): Promise<void> {
    await untilChildrenWait(server, market.dataDir);
    const startedBefore = await startedChildren(server);
    const now = await publishEverything(server.url, market.dataset, signal);
    const ran = now.published.filter(({ created }) => created);
    await untilChildrenWait(server, market.dataDir);
    const childrenStarted = (await startedChildren(server)) - startedBefore;
    const others = now.published.filter(
      ({ name, rowChecksum }) => (checksums.get(name) ?? rowChecksum) !== rowChecksum,
    );
    const row: EditRow = {
      what,
      ran: createdIn(now),
      expected: expected.toSorted(),
      childrenStarted,
      otherRows: others.map(({ name }) => name),
      expectsOtherRows,
      rowsComputed: ran.reduce((sum, each) => sum + each.rowsComputed, 0),
      rowCount: ran.reduce((sum, each) => sum + each.rowCount, 0),
    };
    log(`${what}: ${row.ran.join(" ") || "nothing"}`);
    rows.push(row);
  }

  async function noteEdit(edit: SourceEdit): Promise<void> {
    const { what, path, from, to, changes, givesOtherRows } = edit;
    const expected =
      changes === null ? [] : withReaders(openCodeReach(project.dir).reaching(`${path}#${changes}`), before);
    project.edit(path, from, to);
    await note(
      what,
      expected.filter((name) => all.includes(name)),
      givesOtherRows,
    );
    project.revert(path);
  }

  await note("nothing", [], false);
  await noteEdit(KERNEL_EDIT);
  await note("that edit taken back", [], false);
  for (const edit of scale.name === "quick" ? EDITS.slice(0, QUICK_EDITS) : EDITS) await noteEdit(edit);
  project.add(NEW_FUNCTION.path, NEW_FUNCTION.contents);
  await note("a new function", [NEW_FUNCTION.name], false);
  project.revert(NEW_FUNCTION.path);
  await market.append();
  await note("a day more of bars", all, true);
  return rows;
}

/** Some functions and those that take their columns, directly or by way of others. */
function withReaders(names: readonly string[], { graph }: Everything): string[] {
  const found = new Set(names);
  // Every node comes after those it reads.
  for (const node of graph.nodes) {
    const read = upstreamOf(node).map((id) => graph.nodes.find((other) => other.id === id)?.function ?? id);
    if (read.some((name) => found.has(name))) found.add(node.function);
  }
  return [...found];
}

function isAsExpected({ ran, expected, otherRows, expectsOtherRows }: EditRow): boolean {
  const others = otherRows.every((name) => ran.includes(name)) && otherRows.length > 0 === expectsOtherRows;
  return ran.join(" ") === expected.join(" ") && others;
}

function toFigure(row: EditRow): Figure {
  const { what, ran, expected, childrenStarted, otherRows, rowsComputed, rowCount } = row;
  const good = isAsExpected(row);
  const part = rowsComputed < rowCount ? `, ${rowsComputed} of ${rowCount} rows` : "";
  const facts = `${ran.length} run${part}, ${otherRows.length} give other rows, ${childrenStarted} children`;
  const names = expected.length === 0 ? "nothing" : expected.join(" ");
  const bar = expected.length > NAMES_SHOWN_MAX ? `all ${expected.length}` : names;
  return { what: `after: ${what}`, value: good ? facts : `${facts}: ${ran.join(" ")}`, bar, good };
}
