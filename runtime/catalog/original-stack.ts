import { readFileSync } from "node:fs";
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";

/** Deno names modules by URL, Bun by path. */
const PLACE = /(?:file:\/\/)?(\/[^\s():]*\.mjs):(\d+):(\d+)/;

/**
 * A stack whose frames in the bundled module point at the author's own files and lines, without those of the process
 * that called it. One that the author's code has no part in stays as it is: it tells of a fault of ours.
 */
export function originalStack(stack: string, module: string): string {
  const map = stack.includes(module) ? readMap(`${module}.map`) : undefined;
  if (map === undefined) return stack;
  const lines = stack.split("\n").map((line) => lineOf(line, module, map));
  const last = lines.findLastIndex(({ by }) => by === "author");
  if (last < 0) return stack;
  // A runtime's own function in between, such as Array.map, was called by the author.
  return lines
    .filter(({ by }, at) => by === "nobody" || by === "author" || (by === "runtime" && at < last))
    .map(({ text }) => text)
    .join("\n");
}

interface StackLine {
  readonly text: string;
  /** Whose code it stands for; a line that is no frame is nobody's. */
  readonly by: "author" | "runtime" | "quiver" | "nobody";
}

function lineOf(text: string, module: string, map: TraceMap): StackLine {
  if (!/^\s+at /.test(text)) return { text, by: "nobody" };
  const [place, path, line, column] = PLACE.exec(text) ?? [];
  if (place === undefined || path !== module) {
    return { text, by: /[(\s](?:native|<anonymous>)\)?$/.test(text) ? "runtime" : "quiver" };
  }
  const original = originalPositionFor(map, {
    line: Number(line),
    column: Math.max(0, Number(column) - 1),
  });
  if (original.source === null) return { text, by: "author" };
  const { source, line: originalLine, column: originalColumn } = original;
  return { text: text.replace(place, `${source}:${originalLine}:${originalColumn + 1}`), by: "author" };
}

function readMap(path: string): TraceMap | undefined {
  try {
    return new TraceMap(readFileSync(path, "utf8"));
  } catch {
    // Without its map (the spool was emptied meanwhile) the stack still says what happened.
    return undefined;
  }
}
