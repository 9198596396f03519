import type { ChildLine } from "../../shared/protocol/control.ts";

/** The parent's end of a child's channel. Lines with the child's nonce are messages; other bytes are stray. */
export interface ControlChannel {
  /** Takes bytes that arrived from the child's file descriptor 3. */
  push(chunk: Buffer): void;
}

export interface ControlEvents {
  line(line: ChildLine): void;
  /** Author code wrote to the channel. The bytes count as output and are otherwise ignored. */
  stray(byteLength: number): void;
  /** A line is longer than any reply may be, so the rest of the channel cannot be trusted. */
  tooLong(): void;
}

/** Replies hold facts about files, never data, so this is far above the size of any. */
export const CONTROL_LINE_BYTES_MAX = 32 * 1024 * 1024;

export function createControlChannel(nonce: string, events: ControlEvents): ControlChannel {
  let pieces: Buffer[] = [];
  let pendingLength = 0;
  return {
    push(chunk) {
      let rest = chunk;
      for (let newline = rest.indexOf(10); newline >= 0; newline = rest.indexOf(10)) {
        const bytes = Buffer.concat([...pieces, rest.subarray(0, newline)]);
        pieces = [];
        pendingLength = 0;
        rest = rest.subarray(newline + 1);
        const line = parseLine(bytes, nonce);
        if (line === undefined) events.stray(bytes.length + 1);
        else events.line(line);
      }
      if (rest.length === 0) return;
      pieces.push(rest);
      pendingLength += rest.length;
      if (pendingLength > CONTROL_LINE_BYTES_MAX) {
        pieces = [];
        pendingLength = 0;
        events.tooLong();
      }
    },
  };
}

const REPORT_TYPES: ReadonlySet<unknown> = new Set(["ready", "progress", "reply", "threw", "broke-contract"]);

/**
 * A stray write without a newline runs into the next line, so a message starts at the nonce, which only the child's own
 * bootstrap knows.
 */
function parseLine(bytes: Buffer, nonce: string): ChildLine | undefined {
  const start = bytes.lastIndexOf(`{"nonce":"${nonce}"`);
  if (start < 0) return undefined;
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8", start));
    return isChildLine(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isChildLine(value: unknown): value is ChildLine {
  return typeof value === "object" && value !== null && "type" in value && REPORT_TYPES.has(value.type);
}
