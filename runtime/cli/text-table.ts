/** Renders a plain table: numbers aligned right, a rule below the head, two spaces between columns. */
export function textTable(head: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const cells = rows.map((row) => row.map(cellText));
  const widths = head.map((name, column) =>
    Math.max(name.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const numeric = head.map(
    (_, column) =>
      rows.some((row) => isNumber(row[column])) &&
      rows.every((row) => isNumber(row[column]) || row[column] == null),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        numeric[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  const rule = widths.map((width) => "─".repeat(width)).join("  ");
  return `${[line(head), rule, ...cells.map(line)].join("\n")}\n`;
}

/** Groups digits in threes: `1,048,576`. */
export function grouped(value: number): string {
  return value.toLocaleString("en-US");
}

/** `1 row`, `1,048,576 rows`; for nouns whose plural takes an s. */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** A size such as `1.5 MiB`. */
export function byteText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 ? value : value.toFixed(value < 10 ? 2 : 1)} ${units[power] ?? "B"}`;
}

/** A duration such as `12.3 ms` or `4.56 s`. */
export function durationText(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds.toFixed(1)} ms` : `${(milliseconds / 1000).toFixed(2)} s`;
}

function isNumber(value: unknown): boolean {
  return typeof value === "number" || typeof value === "bigint";
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return Number.isInteger(value) ? grouped(value) : numberText(value);
  if (typeof value === "bigint") return value.toLocaleString("en-US");
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "true" : "false";
  return (
    JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? String(inner) : inner)) ?? ""
  );
}

/** Eight significant digits are enough to look at; files and `--format` have all of them. */
function numberText(value: number): string {
  const size = Math.abs(value);
  return size >= 1e15 || (size < 1e-4 && size > 0)
    ? value.toExponential(5)
    : String(Number(value.toPrecision(8)));
}
