import { describe, expect, test } from "vitest";
import { readEvents, type ServerEvent } from "../../../shared/client/read-events.ts";

async function eventsIn(text: string, chunkBytes = Infinity): Promise<ServerEvent[]> {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, (at += chunkBytes)));
    },
  });
  return Array.fromAsync(readEvents(new Response(body)));
}

const STREAM = [
  ": a comment keeps the stream open",
  "",
  'data: {"a":1}',
  "",
  "event: progress",
  "data: first line",
  "data:  second, indented",
  "data",
  "",
  "event: nothing",
  "",
  "id: 7",
  "event: end",
  "data:né",
  "",
  "",
];
const EVENTS = [
  { name: "message", data: '{"a":1}' },
  { name: "progress", data: "first line\n second, indented\n" },
  { name: "end", data: "né" },
];

describe("readEvents()", () => {
  test.each(["\n", "\r\n"])(
    "joins lines of data and skips what has none, lines ending in %j",
    async (end) => {
      expect(await eventsIn(STREAM.join(end))).toEqual(EVENTS);
    },
  );

  test.each([1, 2, 3, 7])(
    "reads the same from chunks of %i bytes, cut within characters and line ends",
    async (size) => {
      for (const end of ["\n", "\r\n"]) expect(await eventsIn(STREAM.join(end), size)).toEqual(EVENTS);
    },
  );

  test("drops an event whose end is missing: the connection broke within it", async () => {
    expect(await eventsIn('data: {"a":1}\n\ndata: {"a":')).toEqual([{ name: "message", data: '{"a":1}' }]);
  });

  test("gives nothing where there is no body, and cancels a stream that its reader leaves", async () => {
    expect(await Array.fromAsync(readEvents(new Response(null)))).toEqual([]);
    const { promise, resolve } = Promise.withResolvers<string>();
    const chunk = new TextEncoder().encode("data: 1\n\ndata: 2\n\n");
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(chunk),
      cancel: () => resolve("cancelled"),
    });
    for await (const { data } of readEvents(new Response(body))) {
      expect(data).toBe("1");
      break;
    }
    expect(await promise).toBe("cancelled");
  });
});
