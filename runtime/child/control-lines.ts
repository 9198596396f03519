import { Buffer } from "node:buffer";
import { readSync, writeSync } from "node:fs";
import {
  CHANNEL_LOST_EXIT_CODE,
  CONTROL_FD,
  endOfLog,
  type ChildReport,
} from "../../shared/protocol/control.ts";

/** The child's end of the channel to its parent. */
export interface ControlLines {
  /**
   * Returns the next line of stdin, parsed; undefined when the parent is gone. It blocks, because an idle child does
   * nothing else.
   */
  read(): unknown;
  /** Throws what `JSON.stringify` throws; if the channel is gone, the process exits. */
  send(nonce: string, report: ChildReport): void;
  /** Marks the end of what was printed for the message about to be answered. */
  endLog(nonce: string): void;
}

/**
 * Opens the channel. It captures the functions it needs now, so that author code cannot interfere by replacing
 * `JSON.stringify` or `fs.writeSync` later.
 */
export function openControlLines(): ControlLines {
  const { parse, stringify } = JSON;
  const decoder = new TextDecoder();
  const chunk = Buffer.alloc(65_536);
  const [write, read] = [writeSync, readSync];
  // Only the last piece can contain a newline, because pieces are added one by one until one does.
  let pieces: Buffer[] = [];

  function takeLine(): Buffer | undefined {
    const last = pieces.at(-1);
    const newline = last?.indexOf(10) ?? -1;
    if (last === undefined || newline < 0) return undefined;
    const line = Buffer.concat([...pieces.slice(0, -1), last.subarray(0, newline)]);
    pieces = newline + 1 < last.length ? [last.subarray(newline + 1)] : [];
    return line;
  }

  return {
    read() {
      for (let line = takeLine(); ; line = takeLine()) {
        if (line !== undefined) return parse(decoder.decode(line)) as unknown;
        const count = readSome(read, chunk);
        if (count === 0) return undefined;
        pieces.push(Buffer.from(chunk.subarray(0, count)));
      }
    },
    send(nonce, report) {
      const bytes = Buffer.from(`${stringify({ nonce, ...report })}\n`);
      try {
        writeAll(write, CONTROL_FD, bytes);
      } catch {
        // Author code closed the channel, or the parent is gone: an exit code is the only way left to report it.
        process.exit(CHANNEL_LOST_EXIT_CODE);
      }
    },
    endLog(nonce) {
      const mark = Buffer.from(endOfLog(nonce));
      for (const fd of [1, 2]) {
        try {
          writeAll(write, fd, mark);
        } catch {
          // Author code closed the stream, so there is no end to mark.
        }
      }
    },
  };
}

function readSome(read: typeof readSync, chunk: Buffer): number {
  for (;;) {
    try {
      return read(0, chunk, 0, chunk.length, null);
    } catch (error) {
      if (codeOf(error) === "EOF") return 0;
      if (codeOf(error) !== "EAGAIN" && codeOf(error) !== "EINTR") throw error;
      pause();
    }
  }
}

function writeAll(write: typeof writeSync, fd: number, bytes: Buffer): void {
  for (let sent = 0; sent < bytes.length;) {
    try {
      sent += write(fd, bytes, sent, bytes.length - sent);
    } catch (error) {
      if (codeOf(error) !== "EAGAIN" && codeOf(error) !== "EINTR") throw error;
      pause();
    }
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}

/** Gives the parent a millisecond to catch up, if a pipe turns out not to block. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
}
