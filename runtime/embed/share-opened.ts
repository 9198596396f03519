/** Something that is opened once for all who use it at the same time, and closed when nobody has for a while. */
export interface Shared<Options, Opened> {
  /** Runs with what is open for these options, opening it if need be. */
  use<T>(options: Options, run: (opened: Opened) => Promise<T>): Promise<T>;
}

export interface ShareOptions<Options, Opened> {
  /** Equal keys share. */
  readonly keyOf: (options: Options) => string;
  readonly open: (options: Options) => Promise<Opened>;
  /** From the end of the last use to the closing: the next call of the same script finds it open. */
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
  /** What is being closed: who opens the same again waits, or would find it in use. */
  const closing = new Map<string, Promise<void>>();
  const close = (key: string, entry: Entry<Opened>) => {
    entries.delete(key);
    const ended = entry.opening
      .then((opened) => opened.close())
      .finally(() => {
        if (closing.get(key) === ended) closing.delete(key);
      });
    closing.set(key, ended);
    // What cannot be closed has nobody left to be told; whoever opens it next finds out.
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
        // What could not be opened is tried again by the next.
        if (opened === undefined) entries.delete(key);
        else if (mine.userCount === 0) mine.timer = setTimeout(() => close(key, mine), options.lingerMs);
      }
    },
  };
}
