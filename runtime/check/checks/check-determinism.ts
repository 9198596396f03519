import { runtimeName } from "../../platform/runtime-facts.ts";
import { differenceFrom, failed, passed, runSubject, type Subject, warned } from "../subject.ts";
import { offenceText, type Verdict } from "../verdict.ts";

/** The mathematics of two runtimes may differ by up to this many units in the last place. */
const ULPS_MAX = 4096;

/** Expects the same bits from two runs here and one on the other runtime; warns if only their mathematics differ. */
export async function checkDeterminism(subject: Subject): Promise<Verdict> {
  const { entry, params, market, symbols } = subject;
  // Recomputes upstream functions too: theirs may be the values that change from run to run.
  const again = differenceFrom(subject, (await runSubject(subject, {}, { recompute: true })).rows);
  if (again !== undefined) return failed("determinism", "a second run gives another value", again);
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
