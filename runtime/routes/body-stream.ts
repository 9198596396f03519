/**
 * Streams chunks on demand: asks for the next one only when the last has been taken. `onEnd` is called once, after
 * the last chunk, on an error, or when the reader goes away. An error is passed on, so that the server resets the
 * connection rather than ending it cleanly.
 */
export function bodyStream(
  chunks: AsyncIterable<Uint8Array>,
  onEnd: () => Promise<void> | void,
): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  let ended = false;
  const end = async () => {
    if (ended) return;
    ended = true;
    await onEnd();
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const next = await iterator.next();
          if (next.done === true) {
            await end();
            controller.close();
          } else {
            controller.enqueue(next.value);
          }
        } catch (error) {
          await end();
          controller.error(error);
        }
      },
      async cancel() {
        try {
          await iterator.return?.();
        } finally {
          await end();
        }
      },
    },
    { highWaterMark: 1 },
  );
}
