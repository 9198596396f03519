import { describe, expect, test } from "vitest";
import { CONTROL_LINE_BYTES_MAX, createControlChannel } from "../../../runtime/process/control-channel.ts";
import { createLogStream } from "../../../runtime/process/log-stream.ts";
import { LOG_TAIL_BYTES, LogTail } from "../../../runtime/process/log-tail.ts";
import { endOfLog } from "../../../shared/protocol/control.ts";

const NONCE = "0123456789abcdef";

function channel() {
  const seen: unknown[] = [];
  const events = createControlChannel(NONCE, {
    line: (line) => seen.push({ ...line, nonce: undefined }),
    stray: (byteLength) => seen.push(byteLength),
    tooLong: () => seen.push("too long"),
  });
  return { seen, push: (bytes: string | Buffer) => events.push(Buffer.from(bytes)) };
}

const line = (report: object) => `${JSON.stringify({ nonce: NONCE, ...report })}\n`;

describe("createControlChannel()", () => {
  test("reads lines however they are cut", () => {
    const text = line({ type: "ready" }) + line({ type: "reply", reply: "zweite ü" });
    const bytes = Buffer.from(text);
    for (const size of [1, 2, 7, 30, bytes.length]) {
      const { seen, push } = channel();
      for (let at = 0; at < bytes.length; at += size) push(bytes.subarray(at, at + size));
      expect(seen).toEqual([{ type: "ready" }, { type: "reply", reply: "zweite ü" }]);
    }
  });

  test("takes a line without the nonce, or with another, for stray bytes", () => {
    const { seen, push } = channel();
    push("not json\n");
    push('{"type":"reply","reply":1}\n');
    push('{"nonce":"other","type":"reply","reply":1}\n');
    expect(seen).toEqual([9, 27, 43]);
  });

  test("takes a line of the right nonce and no known type for stray bytes", () => {
    const { seen, push } = channel();
    push(line({ type: "invented" }));
    push(`{"nonce":"${NONCE}" and no json\n`);
    expect(seen).toEqual([expect.any(Number), expect.any(Number)]);
  });

  test("finds a line behind a stray write without a newline", () => {
    const { seen, push } = channel();
    push("left open ");
    push(line({ type: "reply", reply: 1 }));
    expect(seen).toEqual([{ type: "reply", reply: 1 }]);
  });

  test("gives up on a line without end, holding no more than its limit", () => {
    const { seen, push } = channel();
    const block = "x".repeat(1024 * 1024);
    for (let sent = 0; sent <= CONTROL_LINE_BYTES_MAX; sent += block.length) push(block);
    expect(seen).toEqual(["too long"]);
  });
});

describe("createLogStream()", () => {
  test("takes out the mark however it is cut, and nothing else", () => {
    const bytes = Buffer.from(`before\0 \0end of\n${endOfLog(NONCE)}after`);
    for (let size = 1; size <= bytes.length; size++) {
      let text = "";
      let completed = 0;
      const push = createLogStream(NONCE, {
        text: (chunk) => (text += chunk.toString()),
        complete: () => {
          completed += 1;
          expect(text).toBe("before\0 \0end of\n");
        },
      });
      for (let at = 0; at < bytes.length; at += size) push(Buffer.from(bytes.subarray(at, at + size)));
      expect([text, completed]).toEqual(["before\0 \0end of\nafter", 1]);
    }
  });
});

describe("LogTail", () => {
  test("keeps the last of what it was given, and counts everything", () => {
    const tail = new LogTail();
    for (let index = 0; index < 100; index++)
      tail.add(Buffer.from(`${index} ${"x".repeat(5_000)}\n`), "stdout");
    expect(tail.text()).toHaveLength(LOG_TAIL_BYTES);
    expect(tail.text().endsWith(`${"x".repeat(5_000)}\n`)).toBe(true);
    expect(tail.text()).toContain("\n99 xxx");
    expect(tail.byteLength).toBe(10 * 5_003 + 90 * 5_004);
  });

  test("puts a character together that was cut in two, stream by stream", () => {
    const tail = new LogTail();
    const bytes = Buffer.from("é");
    tail.add(bytes.subarray(0, 1), "stdout");
    tail.add(Buffer.from("!"), "stderr");
    tail.add(bytes.subarray(1), "stdout");
    expect(tail.text()).toBe("!é");
  });
});
