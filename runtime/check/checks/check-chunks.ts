import { differenceFrom, failed, notApplicable, passed, runSubject, type Subject } from "../subject.ts";
import type { Verdict } from "../verdict.ts";

/**
 * Expects the same bits for one symbol, for some symbols, for the same rows in other files, and for any `from`. If a unit
 * is a date or everything, a symbol's values depend on the other symbols, so only files and `from` are tried.
 */
export async function checkChunks(subject: Subject): Promise<Verdict> {
  const { entry, market, symbols } = subject;
  const { partition } = entry.description;
  const done: string[] = [];
  if (partition === "symbol") {
    const last = symbols.at(-1)!;
    const half = symbols.filter((_, i) => i % 2 === 1);
    for (const some of half.length > 1 ? [[last], half] : [[last]]) {
      const difference = differenceFrom(subject, (await runSubject(subject, { symbols: some })).rows);
      if (difference === undefined) continue;
      const one = some.length === 1 ? "the symbol alone" : `a symbol among ${some.length}`;
      return failed("chunks", `${one} gives other values than among ${symbols.length}`, difference);
    }
    done.push(half.length > 1 ? `1 symbol and ${half.length} of ${symbols.length}` : "1 symbol alone");
  }
  const elsewhere = await runSubject(subject, { dataset: market.layout });
  const byFile = differenceFrom(subject, elsewhere.rows);
  if (byFile !== undefined)
    return failed("chunks", "the same rows in other files give another value", byFile);
  done.push("other files");
  if (entry.description.shape === "table" && partition === "whole")
    return passed("chunks", `${done.join(", ")}: the same bits`);
  const { times } = market;
  const from = outputTime(subject, times[Math.floor(times.length * 0.63)]!);
  const { rows } = await runSubject(subject, { from });
  const first = rows.ts.reduce((least, ts) => Math.min(least, ts), Infinity);
  const later = differenceFrom(subject, rows, { within: (ts) => ts >= first });
  if (later !== undefined)
    return failed("chunks", `requested from ${from}, a value differs from that of the whole result`, later);
  done.push(`from ${from} on`);
  return passed("chunks", `${done.join(", ")}: the same bits`);
}

/** Expects a selection without rows to succeed. */
export async function checkEmpty(subject: Subject): Promise<Verdict | undefined> {
  if (subject.entry.description.partition === "whole") return notApplicable("contract", "it is called once");
  const after = outputTime(subject, subject.market.isDaily ? "2200-01-01" : "2200-01-01T00:00:00Z");
  const { rows } = await runSubject(subject, { from: after });
  return rows.rowCount === 0
    ? undefined
    : failed("contract", `requested from ${after}, it gives ${rows.rowCount} rows, expected none`);
}

/** A table may turn minutes into days, so its output is requested by date. */
function outputTime({ resolved }: Subject, time: string): string {
  return resolved.outputs.some(({ name, type }) => name === "ts" && type === "date32")
    ? time.slice(0, 10)
    : time;
}
