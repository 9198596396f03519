import { readFileSync } from "node:fs";
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";

/** Deno names modules by URL, Bun by path. */
const PLACE = /(?:file:\/\/)?(\/[^\s():]*\.mjs):(\d+):(\d+)/;

/**
 * Maps a stack's frames in the bundled module to the author's files and lines, and leaves out those of the process
 * that called it. A stack without a frame of the author's stays as it is: the fault is Quiver's.
 */
export function originalStack(stack: string, module: string): string {
  const map = stack.includes(module) ? readMap(`${module}.map`) : undefined;
  if (map === undefined) return stack;
  const lines = stack.split("\n").map((line) => lineOf(line, module, map));
  const last = lines.findLastIndex(({ by }) => by === "author");
  if (last < 0) return stack;
  // The author called the runtime's functions in between, such as Array.map.
  return lines
    .filter(({ by }, at) => by === "nobody" || by === "author" || (by === "runtime" && at < last))
    .map(({ text }) => text)
    .join("\n");
}

interface StackLine {
  readonly text: string;
  /** Whose code the frame is; "nobody" for a line that is not a frame. */
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
    // The map is missing if the spool was emptied; the bundle's own lines are still useful.
    return undefined;
  }
}
