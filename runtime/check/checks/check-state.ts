import {
  differenceFrom,
  failed,
  isProbed,
  longestHistory,
  notApplicable,
  passed,
  runProbe,
  type Subject,
} from "../subject.ts";
import type { Verdict } from "../verdict.ts";

/** Sizes of the blocks into which a history is cut: many short ones, and a few long ones. */
const BLOCKS = [400, 7];

/** Stops a function at many points, resumes it from its saved state, and expects the same bits. */
export async function checkState(subject: Subject): Promise<Verdict> {
  const { stateLength } = subject.resolved;
  if (!isProbed(subject) || stateLength === 0) return notApplicable("state", "it declares no state");
  const steps = BLOCKS.map((blocks) => Math.max(1, Math.floor(longestHistory(subject) / blocks)));
  for (const step of steps) {
    const { rows } = await runProbe(subject, { mode: "resume", step });
    const difference = differenceFrom(subject, rows);
    if (difference === undefined) continue;
    const bars = step === 1 ? "bar" : `${step} bars`;
    const what = `resumed from its ${stateLength} saved numbers after every ${bars}, a value differs from that of an uninterrupted run`;
    return failed("state", what, difference);
  }
  return passed(
    "state",
    `${stateLength} numbers, resumed after every ${steps.join(" and every ")} bars: the same bits`,
  );
}
