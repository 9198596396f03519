import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { RunReply } from "../../shared/protocol/child-message.ts";
import { parseRunReply } from "../../shared/protocol/parse-reply.ts";

/** What a process left behind: its checked reply and the folder of its files. */
export interface StoredResult {
  readonly reply: RunReply;
  readonly outDir: string;
  readonly peakMemoryBytes: number;
  readonly logTail: string;
}

/** A result in use. Its files stay in place until it has been released as often as it was found or kept. */
export interface HeldResult extends StoredResult {
  release(): Promise<void>;
  /** Releases the result, and removes it unless another caller holds it. */
  discard(): Promise<void>;
}

export interface ResultStoreOptions {
  /** Folder of the results that outlive this process. */
  readonly dir: string;
  /**
   * Whether this process owns that folder, finding and removing results in it; otherwise another process may be
   * using it.
   */
  readonly adopts: boolean;
  /** Disk space that results without a holder may take. */
  readonly bytesMax: number;
  /** How many results may be stored. */
  readonly countMax: number;
  /** Results that were not used for this long are removed. */
  readonly ageMsMax: number;
  readonly now?: () => number;
}

/** Results of partitions, keyed by what they were computed from, so that nothing is computed twice. */
export interface ResultStore {
  find(key: string): HeldResult | undefined;
  /** Takes a result over. A durable result is found again after a crash of this process. */
  keep(key: string, result: StoredResult, durable: boolean): Promise<HeldResult>;
  /** Finds a result, or waits for another caller that is computing it, or computes and keeps it. */
  computeOnce(
    key: string,
    compute: () => Promise<StoredResult>,
    durable: boolean,
    signal?: AbortSignal,
  ): Promise<{ readonly held: HeldResult; readonly found: boolean }>;
  /** Removes results that have no holder and were not used since then; a dry run only reports them. */
  collectUnused(since: Date, dryRun?: boolean): Promise<CollectedResults>;
  usage(): { readonly count: number; readonly bytes: number };
  /** Removes the results that no later process could find. */
  close(): Promise<void>;
}

export interface CollectedResults {
  readonly count: number;
  readonly bytes: number;
}

interface Entry {
  readonly result: StoredResult;
  readonly bytes: number;
  holders: number;
  usedAt: number;
}

const REPLY_FILE = "reply.json";

export function createResultStore(options: ResultStoreOptions): ResultStore {
  const { dir, adopts, bytesMax, countMax, ageMsMax, now = Date.now } = options;
  mkdirSync(dir, { recursive: true });
  // In order of use, least recently used first.
  const entries = new Map<string, Entry>(adopts ? readStored(dir) : []);
  const underWay = new Map<string, Promise<void>>();
  let bytesHeldByNobody = [...entries.values()].reduce((sum, { bytes }) => sum + bytes, 0);

  function hold(key: string, entry: Entry): HeldResult {
    if (entry.holders === 0) bytesHeldByNobody -= entry.bytes;
    entry.holders += 1;
    entry.usedAt = now();
    // Moves it to the end of the order of use.
    entries.delete(key);
    entries.set(key, entry);
    if (entry.result.outDir === join(dir, key)) touch(entry.result.outDir, entry.usedAt);
    let released = false;
    const release = async (keep: boolean) => {
      if (released) return;
      released = true;
      entry.holders -= 1;
      if (entry.holders > 0) return;
      bytesHeldByNobody += entry.bytes;
      await (keep && entries.get(key) === entry ? collect() : remove([[key, entry]]));
    };
    return { ...entry.result, release: () => release(true), discard: () => release(false) };
  }

  /** Makes room: removes results without a holder that are too old or exceed a bound. */
  async function collect(): Promise<void> {
    const oldest = now() - ageMsMax;
    const unwanted: [string, Entry][] = [];
    let bytes = bytesHeldByNobody;
    let count = entries.size;
    for (const [key, entry] of entries) {
      if (bytes <= bytesMax && count <= countMax && entry.usedAt >= oldest) break;
      if (entry.holders > 0) continue;
      unwanted.push([key, entry]);
      bytes -= entry.bytes;
      count -= 1;
    }
    await remove(unwanted);
  }

  async function collectUnused(since: Date, dryRun = false): Promise<CollectedResults> {
    const unused = [...entries].filter(([, entry]) => entry.holders === 0 && entry.usedAt < since.getTime());
    const bytes = unused.reduce((sum, [, entry]) => sum + entry.bytes, 0);
    if (!dryRun) await remove(unused);
    return { count: unused.length, bytes };
  }

  async function remove(unwanted: readonly [string, Entry][]): Promise<void> {
    for (const [key, entry] of unwanted) {
      if (entries.get(key) === entry) entries.delete(key);
      bytesHeldByNobody -= entry.bytes;
    }
    // What cannot be removed now is removed at the next start.
    await Promise.allSettled(
      unwanted.map(([, { result }]) => rm(result.outDir, { recursive: true, force: true })),
    );
  }

  function find(key: string): HeldResult | undefined {
    const entry = entries.get(key);
    if (entry === undefined) return undefined;
    if (existsSync(entry.result.outDir)) return hold(key, entry);
    // A user may have deleted the spool.
    entries.delete(key);
    if (entry.holders === 0) bytesHeldByNobody -= entry.bytes;
    return undefined;
  }

  async function keep(key: string, result: StoredResult, durable: boolean): Promise<HeldResult> {
    const known = entries.get(key);
    // A new result replaces the one before; holders of that keep it until they release it.
    if (known !== undefined && known.holders === 0) await remove([[key, known]]);
    else if (known !== undefined) entries.delete(key);
    const mayLast = durable && adopts && !existsSync(join(dir, key));
    const stored = mayLast ? await makeDurable(join(dir, key), result) : result;
    const entry = { result: stored, bytes: bytesOf(result.reply), holders: 0, usedAt: now() };
    bytesHeldByNobody += entry.bytes;
    return hold(key, entry);
  }

  return {
    find,
    keep,
    async computeOnce(key, compute, durable, signal) {
      for (;;) {
        const found = find(key);
        if (found !== undefined) return { held: found, found: true };
        const other = underWay.get(key);
        if (other === undefined) break;
        // That work may fail or be cancelled by its caller: then one of the waiting callers computes.
        await unlessAborted(other, signal);
      }
      const kept = compute().then((result) => keep(key, result, durable));
      const settled = kept.then(
        () => undefined,
        () => undefined,
      );
      underWay.set(key, settled);
      void settled.then(() => underWay.delete(key));
      return { held: await kept, found: false };
    },
    collectUnused,
    close: () => remove([...entries].filter(([key, { result }]) => result.outDir !== join(dir, key))),
    usage: () => ({
      count: entries.size,
      bytes: [...entries.values()].reduce((sum, { bytes }) => sum + bytes, 0),
    }),
  };
}

/** Waits for another caller's work, but not beyond an abort of one's own. */
async function unlessAborted(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return work;
  const aborted = Promise.withResolvers<void>();
  const end = () => aborted.resolve();
  signal.addEventListener("abort", end, { once: true });
  try {
    if (!signal.aborted) await Promise.race([work, aborted.promise]);
    signal.throwIfAborted();
  } finally {
    signal.removeEventListener("abort", end);
  }
}

/** The reply is written before the folder gets its final name, so a folder of that name is complete. */
async function makeDurable(outDir: string, result: StoredResult): Promise<StoredResult> {
  const { reply, peakMemoryBytes, logTail } = result;
  writeFileSync(join(result.outDir, REPLY_FILE), JSON.stringify({ reply, peakMemoryBytes, logTail }));
  await rename(result.outDir, outDir);
  return { ...result, outDir };
}

/** A later process reads from it when the result was last used. */
function touch(outDir: string, usedAt: number): void {
  try {
    utimesSync(join(outDir, REPLY_FILE), usedAt / 1000, usedAt / 1000);
  } catch {
    // A user may have deleted the spool.
  }
}

function bytesOf(reply: RunReply): number {
  return reply.files.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** Results of an earlier process, oldest first; incomplete folders are removed. */
function readStored(dir: string): [string, Entry][] {
  return readdirSync(dir)
    .flatMap((key): [string, Entry][] => {
      const outDir = join(dir, key);
      try {
        const path = join(outDir, REPLY_FILE);
        const stored: unknown = JSON.parse(readFileSync(path, "utf8"));
        if (!isStored(stored)) throw new TypeError(`${path} holds no result`);
        const reply = parseRunReply(stored.reply);
        for (const { file, byteLength } of reply.files) {
          if (statSync(join(outDir, file)).size !== byteLength) throw new RangeError(`${file} was cut short`);
        }
        const result = { reply, outDir, peakMemoryBytes: stored.peakMemoryBytes, logTail: stored.logTail };
        return [[key, { result, bytes: bytesOf(reply), holders: 0, usedAt: statSync(path).mtimeMs }]];
      } catch {
        rmSync(outDir, { recursive: true, force: true });
        return [];
      }
    })
    .toSorted(([, a], [, b]) => a.usedAt - b.usedAt);
}

function isStored(
  value: unknown,
): value is { readonly reply: unknown; readonly peakMemoryBytes: number; readonly logTail: string } {
  if (typeof value !== "object" || value === null) return false;
  if (!("reply" in value) || !("peakMemoryBytes" in value) || !("logTail" in value)) return false;
  return typeof value.peakMemoryBytes === "number" && typeof value.logTail === "string";
}
