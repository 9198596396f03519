import leven from "leven";

/**
 * The known names closest to a mistyped one: one name, or up to three that are equally close; none when nothing is
 * close. A name is close if it differs by a few letters, or if only part of it was typed: `rsi` for `rsi-macd`.
 */
export function nearestNames(given: string, known: readonly string[], most = 3): string[] {
  const typed = given.toLowerCase();
  // In a very short name, even one substituted letter would make everything close.
  const limit = typed.length < 4 ? Math.min(1, typed.length - 1) : Math.max(2, Math.floor(typed.length / 3));
  const distances = known.map((name) => distanceOf(typed, name.toLowerCase(), limit));
  const least = distances.reduce((a, b) => Math.min(a, b), limit);
  return known
    .filter((_, i) => distances[i] === least)
    .toSorted()
    .slice(0, most);
}

/** `Did you mean x or y?` with a leading space, or an empty string; append it to a sentence. */
export function didYouMean(given: string, known: readonly string[]): string {
  const names = nearestNames(given, known).map((name) => JSON.stringify(name));
  return names.length === 0 ? "" : ` Did you mean ${names.join(" or ")}?`;
}

/** `there is x` or `there are x, y`, for a sentence about a name that does not exist; `none` if there are no names. */
export function thereAre(known: readonly string[], none: string): string {
  if (known.length === 0) return none;
  return `there ${known.length === 1 ? "is" : "are"} ${known.join(", ")}`;
}

/** The nearest names, or if none is near, a few of the existing ones. */
export function didYouMeanOrSome(given: string, known: readonly string[]): string {
  const hint = didYouMean(given, known);
  const some = known.slice(0, SHOWN_MAX).map((name) => JSON.stringify(name));
  if (hint !== "" || some.length === 0) return hint;
  const more = known.length - some.length;
  const last = more === 0 && some.length > 1 ? some.pop() : `${more} more`;
  const shown = known.length === 1 ? some.join("") : `${some.join(", ")} and ${last}`;
  return ` There ${known.length === 1 ? "is" : "are"} ${shown}.`;
}

const SHOWN_MAX = 3;

/** Shorter words occur in too many names to be a useful hint. */
const PART_LENGTH_MIN = 3;

/**
 * Edit distance between two names, abandoned beyond `limit`. A name of which only a part was typed counts as close as
 * possible.
 */
function distanceOf(typed: string, name: string, limit: number): number {
  const distance = leven(typed, name, { maxDistance: limit + 1 });
  if (distance <= limit) return distance;
  return typed.length >= PART_LENGTH_MIN && name.includes(typed) ? limit : distance;
}
