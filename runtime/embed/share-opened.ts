/** A resource that is opened once for all concurrent users and closed when nobody has used it for a while. */
export interface Shared<Options, Opened> {
  /** Runs with the resource opened for these options, opening it if necessary. */
  use<T>(options: Options, run: (opened: Opened) => Promise<T>): Promise<T>;
}

export interface ShareOptions<Options, Opened> {
  /** Options with equal keys share one resource. */
  readonly keyOf: (options: Options) => string;
  readonly open: (options: Options) => Promise<Opened>;
  /** Time from the last use to closing, so that the next call of the same script finds it open. */
  readonly lingerMs: number;
}

interface Entry<Opened> {
  readonly opening: Promise<Opened>;
  userCount: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

export function shareOpened<Options, Opened extends { close(): Promise<void> }>(
  options: ShareOptions<Options, Opened>,
): Shared<Options, Opened> {
  const entries = new Map<string, Entry<Opened>>();
  /** Resources being closed: opening the same one again waits for that, or would find it in use. */
  const closing = new Map<string, Promise<void>>();
  const close = (key: string, entry: Entry<Opened>) => {
    entries.delete(key);
    const ended = entry.opening
      .then((opened) => opened.close())
      .finally(() => {
        if (closing.get(key) === ended) closing.delete(key);
      });
    closing.set(key, ended);
    // Nobody is left to receive a failure to close; whoever opens it next will notice.
    ended.catch(() => undefined);
  };
  return {
    async use(given, run) {
      const key = options.keyOf(given);
      let entry = entries.get(key);
      if (entry === undefined) {
        const before = closing.get(key) ?? Promise.resolve();
        entry = {
          opening: before.catch(() => undefined).then(() => options.open(given)),
          userCount: 0,
          timer: undefined,
        };
        entries.set(key, entry);
      }
      const mine = entry;
      clearTimeout(mine.timer);
      mine.userCount++;
      let opened: Opened | undefined;
      try {
        opened = await mine.opening;
        return await run(opened);
      } finally {
        mine.userCount--;
        // A failed opening is retried by the next call.
        if (opened === undefined) entries.delete(key);
        else if (mine.userCount === 0) mine.timer = setTimeout(() => close(key, mine), options.lingerMs);
      }
    },
  };
}
