const KIB = 1024;

/** Bytes per unit. A single letter is a power of 1024, as in the options of most command line tools. */
const UNITS: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["k", KIB],
  ["m", KIB ** 2],
  ["g", KIB ** 3],
  ["t", KIB ** 4],
  ["kib", KIB],
  ["mib", KIB ** 2],
  ["gib", KIB ** 3],
  ["tib", KIB ** 4],
  ["kb", 1e3],
  ["mb", 1e6],
  ["gb", 1e9],
  ["tb", 1e12],
]);

/** Parses `512MiB`, `1.5 g` or `100` into whole bytes, rounded down; undefined if the text is not a size. */
export function parseSize(text: string): number | undefined {
  const [, value = "", unit = ""] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const bytes = UNITS.get(unit.toLowerCase());
  return value === "" || bytes === undefined ? undefined : Math.floor(Number(value) * bytes);
}
