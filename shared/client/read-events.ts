import { createParser } from "eventsource-parser";

/** One server-sent event. */
export interface ServerEvent {
  readonly name: string;
  readonly data: string;
}

/** Reads server-sent events to the end of the stream. */
export async function* readEvents(response: Response): AsyncGenerator<ServerEvent> {
  // Not every browser can iterate over a stream.
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  const events: ServerEvent[] = [];
  const parser = createParser({
    onEvent: ({ event = "message", data }) => events.push({ name: event, data }),
  });
  const decoder = new TextDecoder();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      parser.feed(decoder.decode(next.value, { stream: true }));
      yield* events.splice(0);
    }
  } finally {
    // A reader that stops early does not need the rest, and a broken stream cannot be cancelled.
    await reader.cancel().catch(() => undefined);
  }
}
