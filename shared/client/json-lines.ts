/** Yields the values of a response in JSON lines as they arrive. */
export async function* jsonLines(response: Response): AsyncGenerator<unknown> {
  // Not every browser can iterate over a stream.
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const lines = (rest + decoder.decode(next.value, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) yield JSON.parse(line) as unknown;
    }
    if (rest !== "") yield JSON.parse(rest) as unknown;
  } finally {
    // A reader that stops early does not need the rest.
    await reader.cancel();
  }
}
