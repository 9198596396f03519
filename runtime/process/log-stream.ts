import { endOfLog } from "../../shared/protocol/control.ts";

/** Receives the text of one of a child's outputs. */
export interface LogStreamEvents {
  text(chunk: Buffer): void;
  /** Called when everything printed before the child's answer has arrived. */
  complete(): void;
}

/**
 * Removes the mark that a child prints before its answer. The end of the pipe would not do as a mark: descendants may
 * hold the pipe open, and a reused child lives on.
 */
export function createLogStream(nonce: string, events: LogStreamEvents): (chunk: Buffer) => void {
  const mark = Buffer.from(endOfLog(nonce));
  let held = Buffer.alloc(0);
  return (chunk) => {
    let rest = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    held = Buffer.alloc(0);
    for (let at = rest.indexOf(mark); at >= 0; at = rest.indexOf(mark)) {
      if (at > 0) events.text(rest.subarray(0, at));
      rest = rest.subarray(at + mark.length);
      events.complete();
    }
    const cut = startOfMark(rest, mark);
    if (cut > 0) events.text(rest.subarray(0, cut));
    held = Buffer.from(rest.subarray(cut));
  };
}

/** Where a mark may begin that the next chunk completes; otherwise the end of the bytes. */
function startOfMark(bytes: Buffer, mark: Buffer): number {
  const from = Math.max(0, bytes.length - mark.length + 1);
  for (let at = bytes.indexOf(mark[0] ?? 0, from); at >= 0; at = bytes.indexOf(mark[0] ?? 0, at + 1)) {
    if (bytes.subarray(at).equals(mark.subarray(0, bytes.length - at))) return at;
  }
  return bytes.length;
}
