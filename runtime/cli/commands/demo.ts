import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { QuiverError } from "../../../shared/errors/index.ts";
import { type Connection, connect } from "../connect.ts";
import type { CommandContext } from "../context.ts";
import { writeDemoMarket } from "../demo/write-demo-market.ts";
import { NO_PROGRESS } from "../progress.ts";
import { preview } from "../preview.ts";
import { byteText, counted, durationText, grouped, textTable } from "../text-table.ts";
import { type ImportCommandOptions, importOptions, readImport, reportText } from "./import.ts";
import { timingText } from "./invoke.ts";
import { publishedText, ShownVersion } from "./publish.ts";

export interface DemoOptions extends ImportCommandOptions {
  /** The user's files, which replace the made-up market. */
  readonly data?: readonly string[];
  readonly symbols?: string;
}

const SEED = 20_240_301;
const FUNCTION = "rsi-macd";

interface Timed {
  readonly step: string;
  readonly milliseconds: number;
  readonly detail: string;
}

/** `quiver demo`: imports, invokes, publishes and queries a made-up market or the user's files. */
export async function demoCommand(context: CommandContext, options: DemoOptions): Promise<void> {
  const { terminal, settings } = context;
  const { data, symbols, ...importing } = options;
  const dataset = data === undefined ? settings.defaultDataset : "mine";
  const timings: Timed[] = [];
  const begin = performance.now();
  const say = (text: string) => {
    if (!context.json) terminal.out(text);
  };
  const timed = async <T>(
    step: string,
    run: () => Promise<T> | T,
    detail: (result: T) => string,
  ): Promise<T> => {
    const start = performance.now();
    const result = await run();
    timings.push({ step, milliseconds: performance.now() - start, detail: detail(result) });
    return result;
  };

  let files = (data ?? []).map((file) => resolve(file));
  refuseDataDir(files);
  if (data !== undefined) {
    say(
      `Your files go into the dataset ${dataset}. To choose another name: npx quiver import <name> <files…>;\n`,
    );
    say(`to undo this: npx quiver rm ${dataset}.\n\n`);
  }
  if (data === undefined) {
    const symbolCount = countOf(symbols ?? "500");
    say(
      `A made-up market of ${counted(symbolCount, "symbol")}, 2016 to 2023, daily (synthetic, seed ${SEED}):\n`,
    );
    say("random walks with splits, missing days, late listings and a little dirt.\n\n");
    const market = await timed(
      "make the market",
      () => writeDemoMarket(join(settings.data, "spool", "demo-market"), { symbolCount, seed: SEED }),
      ({ lineCount }) => `${grouped(lineCount)} lines of CSV`,
    );
    files = [...market.files];
  }

  const connection = await timed(
    "connect",
    () => connect(context, "demo", "make"),
    ({ where }) => (where === "server" ? "by the running server" : "no server needed"),
  );
  try {
    const report = await timed(
      "import",
      () => readImport(connection, dataset, { files, options: importOptions(importing) }, NO_PROGRESS),
      ({ total }) => `${counted(total.in, "row")} in, ${grouped(total.kept)} kept`,
    );
    say(`${reportText(report)}\n`);

    await timed(
      "start",
      () => connection.send(`/functions/${FUNCTION}`),
      () => "once: starts child processes, compiles and describes the function",
    );
    const one = { dataset, symbols: { sql: `select min(symbol) from ${schemaOf(dataset)}.bars` } };
    const first = await timed("invoke one symbol, cold", () => invoke(connection, one), rowsText);
    say(`${FUNCTION} of one symbol, the last rows of ${rowsText(first)}:\n${first.text}\n`);
    await timed("invoke one symbol, again", () => invoke(connection, one), rowsText);
    await timed("invoke all symbols", () => invoke(connection, { dataset }), rowsText);

    const published = await timed(
      "publish",
      () => publish(connection, dataset),
      ({ rowCount, byteLength }) => `${counted(rowCount, "row")}, ${byteText(byteLength)}`,
    );
    say(`${publishedText(published)}\n`);

    for (const { title, query } of queries(schemaOf(dataset))) {
      say(`${title}\n  ${query.trim().replaceAll(/\s+/g, " ")}\n\n`);
      say(
        `${await timed(
          "sql",
          () => sql(connection, query),
          () => title.toLowerCase(),
        )}\n`,
      );
    }
  } finally {
    await timed(
      "stop",
      () => connection.close(),
      () => "ends child processes and engines",
    );
  }
  const totalMs = performance.now() - begin;
  if (context.json) {
    terminal.out(`${JSON.stringify({ dataset, timings, totalMs })}\n`);
    return;
  }
  const rows = timings.map(({ step, milliseconds, detail }) => [step, durationText(milliseconds), detail]);
  terminal.out(textTable(["step", "took", ""], [...rows, ["total", durationText(totalMs), ""]]));
  terminal.out(nextSteps(dataset));
}

/** The `--data` of this command takes files. Refuses a directory, and says where the setting of that name belongs. */
function refuseDataDir(files: readonly string[]): void {
  const missing = files.find((file) => !existsSync(file) || existsSync(join(file, "quiver.db")));
  if (missing === undefined) return;
  throw new QuiverError(
    "request-malformed",
    `Cannot import ${missing}: there is no such file. For demo, --data takes CSV or Parquet files; a data directory goes before the command, "quiver --data <directory> demo".`,
    { field: "--data", given: missing },
  );
}

interface Invoked {
  readonly rowCount: number;
  readonly timing: string;
  readonly text: string;
}

async function invoke({ send }: Connection, json: object): Promise<Invoked> {
  const response = await send(`/functions/${FUNCTION}`, { method: "POST", json, query: { format: "arrow" } });
  const rowCount = Number(response.headers.get("Quiver-Rows"));
  const bytes = new Uint8Array(await response.arrayBuffer());
  const tail =
    rowCount > 100_000 ? "" : (await preview(new Response(bytes), 5, Math.max(0, rowCount - 5))).text;
  return { rowCount, timing: timingText(response), text: tail };
}

async function publish({ send }: Connection, dataset: string): Promise<ShownVersion> {
  const response = await send(`/functions/${FUNCTION}`, { method: "POST", json: { dataset, publish: true } });
  return ShownVersion.parse(await response.json());
}

async function sql({ send }: Connection, query: string): Promise<string> {
  const response = await send("/sql", { method: "POST", text: query, query: { format: "arrow" } });
  return (await preview(response, 10)).text;
}

function rowsText({ rowCount, timing }: Invoked): string {
  return `${counted(rowCount, "row")} (${timing})`;
}

function schemaOf(dataset: string): string {
  return dataset.replaceAll("-", "_");
}

function queries(schema: string): { readonly title: string; readonly query: string }[] {
  return [
    {
      title: "The bars",
      query: `select symbol, count(*) as bars, min(ts) as first, max(ts) as last, round(avg(close), 2) as "avg close"
              from ${schema}.bars group by symbol order by symbol limit 5`,
    },
    {
      title: "The most oversold on the last day",
      query: `select symbol, ts, close, round(rsi, 1) as rsi, round(macd, 3) as macd
              from ${schema}.bars join ${schema}.rsi_macd using (symbol, ts)
              where ts = (select max(ts) from ${schema}.bars) and rsi is not null order by rsi limit 5`,
    },
    {
      title: "Return of the next bar, by RSI",
      query: `with bars as (select symbol, ts, lead(close) over (partition by symbol order by ts) / close - 1 as next
                            from ${schema}.bars)
              select (20 * floor(rsi / 20))::int as "rsi from", count(*) as bars, round(100 * avg(next), 4) as "next %"
              from bars join ${schema}.rsi_macd using (symbol, ts)
              where rsi is not null and next is not null group by 1 order by 1`,
    },
  ];
}

function nextSteps(dataset: string): string {
  return `
What to try next:
  npx quiver ls ${dataset}
  npx quiver invoke ${FUNCTION} --dataset ${dataset} --from 2023-12-01 -o rsi.parquet
  npx quiver sql "select * from ${schemaOf(dataset)}.rsi_macd where rsi < 20 limit 10"
  npx quiver publish ${FUNCTION} --dataset ${dataset} --as rsi-adjusted --input bars=function:adjusted-bars
                                 the same on split-adjusted prices
  npx quiver new my-feature      a function of ten lines, with a test
  npm start                      the same over HTTP; http://127.0.0.1:8787/docs
`;
}

function countOf(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 17_576) return value;
  throw new QuiverError(
    "request-malformed",
    `Cannot use ${JSON.stringify(text)} for --symbols: expected a whole number from 1 to 17576.`,
    { field: "--symbols", given: text },
  );
}
