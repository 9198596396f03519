/** Milliseconds per unit, under every spelling that users may type. */
const UNITS: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1000],
  ["sec", 1000],
  ["m", 60_000],
  ["min", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
  ["w", 604_800_000],
]);

/**
 * Parses `90s`, `1.5h` or `2 w` into milliseconds, a day being 24 hours; undefined if the text is not a duration. A
 * number needs its unit, except 0, unless `bareUnit` says in which unit bare numbers count.
 */
export function parseDuration(text: string, bareUnit = ""): number | undefined {
  const [, value = "", unit = ""] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  if (value === "") return undefined;
  if (unit === "" && Number(value) === 0) return 0;
  const milliseconds = UNITS.get(unit.toLowerCase() || bareUnit);
  return milliseconds === undefined ? undefined : Number(value) * milliseconds;
}
