import {
  differenceFrom,
  failed,
  isProbed,
  longestHistory,
  notApplicable,
  passed,
  RATIO_TOLERANCE,
  runProbe,
  type Subject,
} from "../subject.ts";
import type { Verdict } from "../verdict.ts";

const BLOCKS = 48;

/**
 * A declared look-back is all that a value depends on: computed from exactly so many earlier bars it has the same bits.
 * A declared warm-up is all that the start of history matters for: begun that many bars before, it agrees to 1e-9.
 */
export async function checkMemory(subject: Subject): Promise<Verdict> {
  const { lookBack, warmUp, stateLength } = subject.resolved;
  if (!isProbed(subject)) return notApplicable("memory", "a unit is not one symbol's history");
  const done: string[] = [];
  if (lookBack !== null) {
    const step = Math.max(1, Math.ceil(longestHistory(subject) / BLOCKS));
    const { rows } = await runProbe(subject, { mode: "look-back", step, reach: lookBack });
    const difference = differenceFrom(subject, rows);
    if (difference !== undefined) {
      const what = `the declared look-back is ${lookBack} bars, and a value from exactly that many earlier bars is another`;
      return failed("memory", what, difference);
    }
    done.push(`look-back ${lookBack}: the same bits from that many earlier bars`);
  }
  if (warmUp > 0) {
    const symbols = subject.symbols.filter((symbol) => subject.market.cleanSymbols.includes(symbol));
    const bars = longestHistory({ ...subject, symbols });
    if (warmUp >= bars - 1) {
      done.push(`warm-up ${warmUp}: longer than the ${bars} bars here, not checked`);
    } else {
      const step = Math.max(1, Math.ceil((bars - warmUp) / BLOCKS));
      const { rows } = await runProbe(subject, { mode: "warm-up", step, reach: warmUp, symbols });
      const difference = differenceFrom(subject, rows, { tolerance: RATIO_TOLERANCE });
      if (difference !== undefined) {
        const what = `the declared warm-up is ${warmUp} bars, and a history begun that many bars before does not agree to ${RATIO_TOLERANCE}`;
        return failed("memory", what, difference);
      }
      done.push(`warm-up ${warmUp}: begun there, within ${RATIO_TOLERANCE}`);
    }
  }
  if (done.length > 0) return passed("memory", done.join("; "));
  return notApplicable(
    "memory",
    stateLength > 0 ? "recursive, and no warm-up is declared" : "neither look-back nor warm-up is declared",
  );
}
