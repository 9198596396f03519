/** The known names closest to a mistyped one, best first, at most three; none when nothing is close. */
export function nearestNames(given: string, known: readonly string[], most = 3): string[] {
  const limit = Math.max(2, Math.floor(given.length / 3));
  return known
    .map((name) => ({ name, distance: editDistance(given.toLowerCase(), name.toLowerCase(), limit) }))
    .filter((candidate) => candidate.distance <= limit)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, most)
    .map((candidate) => candidate.name);
}

/** `did you mean "x" or "y"?`, or an empty string: made to be appended to a sentence. */
export function didYouMean(given: string, known: readonly string[]): string {
  const names = nearestNames(given, known).map((name) => JSON.stringify(name));
  return names.length === 0 ? "" : ` Did you mean ${names.join(" or ")}?`;
}

/** Levenshtein distance, given up early once it must exceed `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substituted = previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(substituted, previous[column]! + 1, current[column - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}
