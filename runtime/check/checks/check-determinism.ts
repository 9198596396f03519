import { runtimeName } from "../../platform/runtime-facts.ts";
import { differenceFrom, failed, passed, runSubject, type Subject, warned } from "../subject.ts";
import { offenceText, type Verdict } from "../verdict.ts";

/** Up to so many units in the last place two runtimes' mathematics may differ; more is another value. */
const ULPS_MAX = 4096;

/** Twice on this runtime, once on the other: the same bits, or a warning where the runtimes' mathematics differ. */
export async function checkDeterminism(subject: Subject): Promise<Verdict> {
  const { entry, params, market, symbols } = subject;
  // What it reads of other functions is computed anew too: theirs may be the values that change by themselves.
  const again = differenceFrom(subject, (await runSubject(subject, {}, { recompute: true })).rows);
  if (again !== undefined) return failed("determinism", "the same call again gives another value", again);
  const request = { function: entry.name, dataset: market.dataset, params, symbols };
  const elsewhere = await subject.bench.runElsewhere(request);
  const here = runtimeName();
  if (elsewhere === undefined)
    return warned("determinism", `the same bits twice on ${here}; the other runtime is not installed`);
  const difference = differenceFrom(subject, elsewhere.rows);
  if (difference === undefined)
    return passed("determinism", `the same bits twice on ${here} and on ${elsewhere.on}`);
  const what = `${elsewhere.on} gives another value than ${here}`;
  if (difference.ulps > ULPS_MAX) return failed("determinism", what, difference);
  return {
    ...warned(
      "determinism",
      `${what} in ${difference.count} places, by at most ${difference.ulps} units in the last place: ` +
        `take log, exp and the like from quiver/kernels. ${offenceText(difference.first)}`,
    ),
    offence: difference.first,
  };
}
