import type { ResultRows } from "../result-rows.ts";
import {
  differenceFrom,
  failed,
  isProbed,
  longestHistory,
  passed,
  pinpoint,
  runProbe,
  runSubject,
  type Subject,
} from "../subject.ts";
import type { Verdict } from "../verdict.ts";
import { cutTimes } from "./cut-times.ts";

/** Limit on the values that one probe computes: many columns, computed repeatedly, take long. */
const CELLS_MAX = 6_000_000;
const CUTS_MIN = 8;
const CUTS_MAX = 64;

/**
 * Cuts histories at many points and expects the same bits in every row before a cut. The handler is called on each part
 * (see `probeFeature`), and the whole plan, with its matched inputs and upstream functions, runs as of a few moments.
 * A label must differ somewhere; otherwise it is a feature.
 */
export async function checkEventTime(subject: Subject): Promise<Verdict> {
  const isLabel = subject.entry.description.kind === "label";
  let cuts = 0;
  if (isProbed(subject)) {
    const step = cutStep(subject);
    cuts = Math.ceil(longestHistory(subject) / step);
    const probe = { mode: "cut", step } as const;
    const difference = differenceFrom(subject, (await runProbe(subject, probe)).rows);
    if (difference !== undefined && isLabel)
      return passed("event-time", `a label: it looks ahead, as it should (${difference.count} values)`);
    if (difference !== undefined) {
      const { first } = await pinpoint(subject, difference, probe);
      const what = "a value changes with bars that come after it: expected is the value without them";
      return failed("event-time", what, { ...difference, first: swapped(first) });
    }
  }
  const times = cutTimes(subject.market, [0.65]);
  for (const { asOf, text } of times) {
    const { rows } = await runSubject(subject, { asOf });
    const known = subject.entry.description.shape === "table" ? withoutLastRows(rows) : rows;
    const lastTs = known.ts.reduce((last, ts) => Math.max(last, ts), -Infinity);
    const options = { within: (ts: number) => ts <= lastTs, onlyCommon: true };
    const difference = differenceFrom(subject, known, options);
    if (difference === undefined) continue;
    if (isLabel) return passed("event-time", "a label: it looks ahead, as it should");
    const what = `a value changes with bars after it: expected is the value as of ${text}`;
    return failed("event-time", what, { ...difference, first: swapped(difference.first) });
  }
  if (isLabel)
    return failed(
      "event-time",
      "it is declared as a label, but no value depends on a later bar: declare it as a feature",
    );
  const probed = cuts === 0 ? "" : `histories cut at ${cuts} points and `;
  return passed(
    "event-time",
    `${probed}as of ${times.map(({ text }) => text).join(", ")}: every earlier row has the same bits`,
  );
}

/** Words the offence in the order of events: the value that was first known is `expected`, the later one `got`. */
function swapped<T extends { readonly expected: string; readonly got: string }>(offence: T): T {
  return { ...offence, expected: offence.got, got: offence.expected };
}

/** A prime number of bars if histories are short, so that cuts do not coincide with a period of the function. */
function cutStep(subject: Subject): number {
  const { table } = subject.market;
  const columns = Math.max(1, subject.resolved.outputs.length);
  const cuts = Math.floor((2 * CELLS_MAX) / (table.rows.length * columns));
  const wanted = Math.min(CUTS_MAX, Math.max(CUTS_MIN, cuts));
  return Math.max(1, Math.ceil(longestHistory(subject) / wanted));
}

/** Leaves out the last row of a table, which may still be forming, such as the current month. */
function withoutLastRows(rows: ResultRows): ResultRows {
  return {
    ...rows,
    symbols: rows.symbols.map((range) => ({ ...range, end: Math.max(range.first, range.end - 1) })),
  };
}
