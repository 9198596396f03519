import type { Figure } from "./bench-part.ts";

/** A part's figures as lines: what, value, bar, and whether it was cleared. */
export function figuresTable(title: string, figures: readonly Figure[]): string {
  const width = Math.max(44, ...figures.map(({ what }) => what.length));
  const lines = figures.map(({ what, value, bar, good }) => {
    const verdict = good === undefined ? "" : good ? "  ok" : "  SHORT";
    return `  ${what.padEnd(width)}  ${value.padStart(12)}${bar === undefined ? "" : `  ${bar}`}${verdict}`;
  });
  return `${title}\n${lines.join("\n")}\n\n`;
}
