/** The id of the last event: a client that reconnects with it has seen everything. */
export const END_EVENT_ID = "end";

/** Proxies close a silent connection, and only a write reveals that a client is gone. */
const HEARTBEAT_MS = 15_000;

export interface JobEventsOptions<T> {
  /** Gives the current state, and every later one until the signal aborts. */
  readonly watch: (signal: AbortSignal) => AsyncIterable<T>;
  readonly hasEnded: (state: T) => boolean;
  readonly heartbeatMs?: number;
}

/**
 * A job as server-sent events: `progress` with its state, at once and after every change, then one `end`. Each
 * event has the whole state, so a client that connects late or reconnects misses nothing.
 */
export function jobEvents<T>(options: JobEventsOptions<T>): AsyncIterable<Uint8Array> {
  const gone = new AbortController();
  const events = eventsOf(options, gone.signal);
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => events.next(),
      async return() {
        // The next change may be hours away.
        gone.abort();
        return events.return(undefined);
      },
    }),
  };
}

async function* eventsOf<T>(
  { watch, hasEnded, heartbeatMs = HEARTBEAT_MS }: JobEventsOptions<T>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, undefined> {
  const states = watch(signal)[Symbol.asyncIterator]();
  let number = 0;
  try {
    let next = states.next();
    while (!signal.aborted) {
      const step = await within(next, heartbeatMs);
      if (step === undefined) {
        yield encode(": still there\n\n");
        continue;
      }
      if (step.done === true) return undefined;
      const isEnd = hasEnded(step.value);
      number += 1;
      const [id, name] = isEnd ? [END_EVENT_ID, "end"] : [String(number), "progress"];
      yield encode(`id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(step.value)}\n\n`);
      if (isEnd) return undefined;
      next = states.next();
    }
    return undefined;
  } finally {
    await states.return?.();
  }
}

/** Undefined if it takes longer. */
async function within<V>(promise: Promise<V>, milliseconds: number): Promise<V | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
