import { differenceFrom, failed, notApplicable, passed, runSubject, type Subject } from "../subject.ts";
import type { Verdict } from "../verdict.ts";

/**
 * A symbol by itself, some of the symbols, the same rows in other files, and any `from`: the same bits as among all.
 * Where a unit is a date or everything, a symbol's values depend on the others, and only files and `from` are tried.
 */
export async function checkChunks(subject: Subject): Promise<Verdict> {
  const { entry, market, symbols } = subject;
  const { partition } = entry.description;
  const done: string[] = [];
  if (partition === "symbol") {
    const alone = [symbols[Math.floor(symbols.length / 2)], symbols.at(-1)];
    for (const symbol of new Set(alone)) {
      if (symbol === undefined) continue;
      const { rows } = await runSubject(subject, { symbols: [symbol] });
      const difference = differenceFrom(subject, rows);
      if (difference !== undefined)
        return failed("chunks", `the symbol alone is not what it is among ${symbols.length}`, difference);
    }
    done.push(`${new Set(alone).size} symbols alone`);
    const half = symbols.filter((_, i) => i % 2 === 1);
    if (half.length > 1) {
      const difference = differenceFrom(subject, (await runSubject(subject, { symbols: half })).rows);
      if (difference !== undefined)
        return failed(
          "chunks",
          `a symbol among ${half.length} is not what it is among ${symbols.length}`,
          difference,
        );
      done.push(`${half.length} of ${symbols.length}`);
    }
  }
  const elsewhere = await runSubject(subject, { dataset: market.layout });
  const byFile = differenceFrom(subject, elsewhere.rows);
  if (byFile !== undefined)
    return failed("chunks", "the same rows in other files give another value", byFile);
  done.push("other files");
  if (entry.description.shape === "table" && partition === "whole")
    return passed("chunks", `${done.join(", ")}: the same bits`);
  const { times } = market;
  const starts = [0.31, 0.94].map((part) => outputTime(subject, times[Math.floor(times.length * part)]!));
  for (const from of starts) {
    const { rows } = await runSubject(subject, { from });
    if (rows.rowCount === 0) continue;
    const first = rows.ts.reduce((least, ts) => Math.min(least, ts), Infinity);
    const difference = differenceFrom(subject, rows, { within: (ts) => ts >= first });
    if (difference !== undefined)
      return failed("chunks", `asked for from ${from}, a value is not what it is in the whole`, difference);
  }
  done.push(`from ${starts.length} times`);
  return passed("chunks", `${done.join(", ")}: the same bits`);
}

/** A selection without rows is no error. */
export async function checkEmpty(subject: Subject): Promise<Verdict | undefined> {
  if (subject.entry.description.partition === "whole") return notApplicable("contract", "it is called once");
  const after = outputTime(subject, subject.market.isDaily ? "2200-01-01" : "2200-01-01T00:00:00Z");
  const { rows } = await runSubject(subject, { from: after });
  return rows.rowCount === 0
    ? undefined
    : failed("contract", `asked for from ${after}, it gives ${rows.rowCount} rows, expected none`);
}

/** A table may give days from minutes: its output is asked for by date. */
function outputTime({ resolved }: Subject, time: string): string {
  return resolved.outputs.some(({ name, type }) => name === "ts" && type === "date32")
    ? time.slice(0, 10)
    : time;
}
