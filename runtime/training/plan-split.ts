import { QuiverError } from "../../shared/errors/index.ts";
import { openZone, parseDateOrTime } from "../../shared/time/index.ts";
import { durationMicros, parseHorizon } from "./duration-micros.ts";
import type { SplitBound, SplitPlan, SplitRound } from "../../shared/protocol/training-plan.ts";

/** How rows are divided into training and test rows, as texts. */
export interface SplitRequest {
  readonly split: string | undefined;
  readonly folds: string | undefined;
  readonly horizon: string | undefined;
  readonly embargo: string | undefined;
}

/**
 * Plans the rounds of a split. `split` lists moments of walk-forward rounds, each of which tests the rows up to the next
 * moment and trains on the rows before it; or stretches `from..to`, each of which is tested by a round that trains on
 * all other rows. `folds` names a column of the entity rows instead. A date begins at its start in `timezone`. Null if
 * no split was requested.
 */
export function planSplit(request: SplitRequest, timezone: string): SplitPlan | null {
  const { split, folds, horizon, embargo } = request;
  if (split === undefined && folds === undefined) {
    const alone = horizon === undefined ? ["embargo", embargo] : ["horizon", horizon];
    if (alone[1] === undefined) return null;
    throw refused(alone[0]!, alone[1], "it together with `split` or `folds`");
  }
  if (split !== undefined && folds !== undefined) {
    throw refused("folds", folds, "either `split` or `folds`, not both");
  }
  if (horizon === undefined) {
    throw new QuiverError(
      "request-malformed",
      'Cannot split without `horizon`: rows whose label overlaps the test side must not train. Expected how far the labels look ahead, for example "5 bars" or "7d"; "0 bars" if there are no labels.',
      { field: "horizon" },
    );
  }
  return {
    rounds: folds === undefined ? roundsOf(split ?? "", timezone) : { column: folds },
    horizon: parseHorizon(horizon, "horizon"),
    embargoMicros: embargo === undefined ? 0 : durationMicros(embargo, "embargo"),
  };
}

/** Limit of rounds, because each one adds a column and work. */
export const ROUNDS_MAX = 100;

function roundsOf(split: string, timezone: string): SplitRound[] {
  const texts = split.split(",").map((text) => text.trim());
  const stretches = texts.filter((text) => text.includes(".."));
  if (stretches.length > 0 && stretches.length < texts.length) {
    throw refused("split", split, "either moments or stretches from..to, not both");
  }
  const tangled = stretches.find((text) => text.split("..").length !== 2);
  if (tangled !== undefined) throw refused("split", tangled, "two moments, from..to");
  const bounds = texts.map((text) => text.split("..").map((moment) => boundOf(moment, timezone)));
  if (texts.length > ROUNDS_MAX) throw refused("split", split, `up to ${ROUNDS_MAX} rounds`);
  const nameOf = (at: number) => (texts.length === 1 ? "split" : `split_${at + 1}`);
  return bounds.map(([from, end], at) => {
    const to = stretches.length > 0 ? end : bounds[at + 1]?.[0];
    if (from === undefined) throw new Error("A text has at least one part");
    if (to !== undefined && to.ofInstants <= from.ofInstants) {
      throw refused("split", split, stretches.length > 0 ? "from before to" : "moments in ascending order");
    }
    return { column: nameOf(at), from, to: to ?? null, trainsAfter: stretches.length > 0 };
  });
}

function boundOf(text: string, timezone: string): SplitBound {
  const moment = parseDateOrTime(text, timezone, "split");
  if (moment.kind === "time") return { ofInstants: moment.instant, ofDates: moment.instant };
  const zone = openZone(timezone);
  return { ofInstants: zone.startOf(moment.date), ofDates: zone.startOf(moment.date + 1) };
}

function refused(field: string, given: string, expected: string): QuiverError {
  return new QuiverError(
    "request-malformed",
    `Cannot use \`${field}\` ${JSON.stringify(given)}: expected ${expected}.`,
    { field, given, expected },
  );
}
