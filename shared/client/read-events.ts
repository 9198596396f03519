/** One server-sent event. */
export interface ServerEvent {
  readonly name: string;
  readonly data: string;
}

/** Reads server-sent events to the end of the stream, skipping comments, which only keep it open. */
export async function* readEvents(response: Response): AsyncGenerator<ServerEvent> {
  // Not every browser can iterate over a stream.
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const blocks = (rest + decoder.decode(next.value, { stream: true })).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        const fields = new Map(block.split("\n").map((line) => pairOf(line)));
        const data = fields.get("data");
        if (data !== undefined) yield { name: fields.get("event") ?? "message", data };
      }
    }
  } finally {
    // A reader that stops early does not need the rest, and a broken stream cannot be cancelled.
    await reader.cancel().catch(() => undefined);
  }
}

function pairOf(line: string): [string, string] {
  const at = line.indexOf(":");
  return [line.slice(0, at), line.slice(at + 1).trimStart()];
}
