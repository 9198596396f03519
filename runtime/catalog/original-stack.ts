import { readFileSync } from "node:fs";
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";

/** Deno names modules by URL, Bun by path. */
const FRAME = /(?:file:\/\/)?(\/[^\s():]*\.mjs):(\d+):(\d+)/g;

/** A stack whose frames in the bundled module point at the author's own files and lines. */
export function originalStack(stack: string, module: string): string {
  if (!stack.includes(module)) return stack;
  const map = readMap(`${module}.map`);
  if (map === undefined) return stack;
  return stack.replace(FRAME, (frame, path: string, line: string, column: string) => {
    if (path !== module) return frame;
    const {
      source,
      line: originalLine,
      column: originalColumn,
    } = originalPositionFor(map, {
      line: Number(line),
      column: Math.max(0, Number(column) - 1),
    });
    return source === null ? frame : `${source}:${originalLine}:${originalColumn + 1}`;
  });
}

function readMap(path: string): TraceMap | undefined {
  try {
    return new TraceMap(readFileSync(path, "utf8"));
  } catch {
    // Without its map (the spool was emptied meanwhile) the stack still says what happened.
    return undefined;
  }
}
