import leven from "leven";

/**
 * The known names closest to a mistyped one, best first, at most three; none when nothing is close. Close is a slip of
 * a few letters, and a name of which only a part was typed: `rsi` for `rsi-macd`.
 */
export function nearestNames(given: string, known: readonly string[], most = 3): string[] {
  const typed = given.toLowerCase();
  const limit = typed.length <= 3 ? 1 : Math.max(2, Math.floor(typed.length / 3));
  return known
    .map((name) => ({ name, distance: distanceOf(typed, name.toLowerCase(), limit) }))
    .filter((candidate) => candidate.distance <= limit)
    .toSorted((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, most)
    .map((candidate) => candidate.name);
}

/** `did you mean "x" or "y"?`, or an empty string: made to be appended to a sentence. */
export function didYouMean(given: string, known: readonly string[]): string {
  const names = nearestNames(given, known).map((name) => JSON.stringify(name));
  return names.length === 0 ? "" : ` Did you mean ${names.join(" or ")}?`;
}

/** Shorter words stand in too many names to say anything. */
const PART_LENGTH_MIN = 3;

/** Edits from one name to the other, given up beyond `limit`; a part of a name is as near as may be. */
function distanceOf(typed: string, name: string, limit: number): number {
  const distance = leven(typed, name, { maxDistance: limit + 1 });
  if (distance <= limit) return distance;
  return typed.length >= PART_LENGTH_MIN && name.includes(typed) ? limit : distance;
}
