import { isProbed, passed, runProbe, type Subject } from "../subject.ts";
import type { Verdict } from "../verdict.ts";

/** Reports the nanoseconds per row of the handler, or of the whole run if the handler cannot be called by itself. */
export async function checkTime(subject: Subject): Promise<Verdict> {
  const { base, resolved, symbols, market } = subject;
  const columns = Math.max(1, resolved.outputs.length);
  if (!isProbed(subject)) {
    const run = base.facts.timings.find(({ stage }) => stage === "run")?.milliseconds ?? 0;
    const rows = market.table.rows.length;
    return passed("time", `${((run * 1e6) / rows).toFixed(0)} ns per row, including its process and files`);
  }
  const clean = market.cleanSymbols.filter((symbol) => symbols.includes(symbol));
  const { facts } = await runProbe(subject, {
    mode: "time",
    step: 1,
    symbols: [clean.at(-1) ?? symbols.at(-1)!],
  });
  const [rows = 0, nanoseconds = 0] = facts.warnings
    .flatMap(({ message }) => /^timed (\d+) (\d+)$/.exec(message)?.slice(1) ?? [])
    .map(Number);
  const perRow = nanoseconds / rows;
  return passed(
    "time",
    `${digits(perRow)} ns per row in the handler, ${digits(perRow / columns)} for each of ${columns} columns (${rows} rows)`,
  );
}

/** Three significant digits: a short run is not more precise. */
function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(2);
}
