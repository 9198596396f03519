import {
  differenceFrom,
  failed,
  isProbed,
  longestHistory,
  notApplicable,
  passed,
  pinpoint,
  RATIO_TOLERANCE,
  runProbe,
  runSubject,
  type Subject,
} from "../subject.ts";
import type { Verdict } from "../verdict.ts";

const BLOCKS = 48;

/**
 * A value must have the same bits when computed from exactly as many earlier bars as the declared look-back. It must
 * agree to 1e-9 when the history begins as many bars earlier as the declared warm-up.
 */
export async function checkMemory(subject: Subject): Promise<Verdict> {
  const { lookBack, warmUp, stateLength } = subject.resolved;
  if (!isProbed(subject)) return notApplicable("memory", "its unit of computation is not one symbol");
  const done: string[] = [];
  if (lookBack !== null) {
    const step = Math.max(1, Math.ceil(longestHistory(subject) / BLOCKS));
    const probe = { mode: "look-back", step, reach: lookBack } as const;
    const coarse = differenceFrom(subject, (await runProbe(subject, probe)).rows);
    if (coarse !== undefined) {
      const difference = await pinpoint(subject, coarse, probe);
      const what = `the declared look-back is ${lookBack} bars, but a value computed from exactly that many earlier bars differs`;
      return failed("memory", what, difference);
    }
    done.push(`look-back ${lookBack}: the same bits from that many earlier bars`);
  }
  if (warmUp > 0) {
    const on = await whereWarm(subject);
    if (on === undefined) {
      done.push(`warm-up ${warmUp}: not checked, because no history here is long and clean enough`);
    } else {
      const step = Math.max(1, Math.ceil((on.bars - warmUp) / BLOCKS));
      const { rows } = await runProbe(on.subject, { mode: "warm-up", step, reach: warmUp });
      const difference = differenceFrom(on.subject, rows, { tolerance: RATIO_TOLERANCE });
      if (difference !== undefined) {
        const what = `the declared warm-up is ${warmUp} bars, but a value whose history begins that many bars earlier differs by more than ${RATIO_TOLERANCE}`;
        return failed("memory", what, difference);
      }
      done.push(`warm-up ${warmUp}: begun there, within ${RATIO_TOLERANCE}`);
    }
  }
  if (done.length > 0) return passed("memory", done.join("; "));
  return notApplicable(
    "memory",
    stateLength > 0 ? "it is recursive and declares no warm-up" : "it declares neither look-back nor warm-up",
  );
}

/** Clean symbols with histories longer than the warm-up, from the market or made up for this check. */
async function whereWarm(
  subject: Subject,
): Promise<{ readonly subject: Subject; readonly bars: number } | undefined> {
  const { market, resolved } = subject;
  const { warmUp } = resolved;
  const symbols = subject.symbols.filter((symbol) => market.cleanSymbols.includes(symbol));
  const bars = longestHistory({ ...subject, symbols });
  if (warmUp < bars - MARGIN) return { subject: { ...subject, symbols }, bars };
  if (market.longHistory === undefined) return undefined;
  const barCount = Math.ceil(warmUp * 1.1) + 2 * MARGIN;
  const dataset = await market.longHistory(barCount);
  const long: Subject = { ...subject, market: { ...market, dataset }, symbols: ["WALK"] };
  return { subject: { ...long, base: await runSubject(long) }, bars: barCount };
}

/** How many bars after the warm-up are compared. */
const MARGIN = 50;
