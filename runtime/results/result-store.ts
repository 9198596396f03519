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

/** What a process left behind: its reply, checked, and the folder its files lie in. */
export interface StoredResult {
  readonly reply: RunReply;
  readonly outDir: string;
  readonly peakMemoryBytes: number;
  readonly logTail: string;
}

/** A result in use: its files stay where they are until it is released as often as it was found or kept. */
export interface HeldResult extends StoredResult {
  release(): Promise<void>;
  /** Releases it, and forgets it unless somebody else holds it. */
  discard(): Promise<void>;
}

export interface ResultStoreOptions {
  /** Where results lie that outlive this process. */
  readonly dir: string;
  /** Whether what lies there is this process's to find and to remove; else another one may be using it. */
  readonly adopts: boolean;
  /** Results that nobody holds take so much of the disk at most. */
  readonly bytesMax: number;
  /** And there are so many of them at most. */
  readonly countMax: number;
  /** A result that nobody wanted for so long goes. */
  readonly ageMsMax: number;
  readonly now?: () => number;
}

/** Results of partitions by what they were computed from, so that nothing is computed twice. */
export interface ResultStore {
  find(key: string): HeldResult | undefined;
  /** Takes a result over. A durable one is found again after a crash of this process. */
  keep(key: string, result: StoredResult, durable: boolean): Promise<HeldResult>;
  /** Finds it, or waits for whoever is computing it, or computes and keeps it. */
  computeOnce(
    key: string,
    compute: () => Promise<StoredResult>,
    durable: boolean,
    signal?: AbortSignal,
  ): Promise<{ readonly held: HeldResult; readonly found: boolean }>;
  /** Removes what nobody holds and nobody wanted since then, or only says what that is. */
  collectUnused(since: Date, dryRun?: boolean): Promise<CollectedResults>;
  usage(): { readonly count: number; readonly bytes: number };
  /** Removes what no later process would find. */
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
  // In order of use: the first was wanted least recently.
  const entries = new Map<string, Entry>(adopts ? readStored(dir) : []);
  const underWay = new Map<string, Promise<void>>();
  let bytesHeldByNobody = [...entries.values()].reduce((sum, { bytes }) => sum + bytes, 0);

  function hold(key: string, entry: Entry): HeldResult {
    if (entry.holders === 0) bytesHeldByNobody -= entry.bytes;
    entry.holders += 1;
    entry.usedAt = now();
    // Last in the order of use.
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

  /** Makes room: what nobody holds and is too old, or too much, goes. */
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
    // What cannot be removed now is nobody's at the next start.
    await Promise.allSettled(
      unwanted.map(([, { result }]) => rm(result.outDir, { recursive: true, force: true })),
    );
  }

  function find(key: string): HeldResult | undefined {
    const entry = entries.get(key);
    if (entry === undefined) return undefined;
    if (existsSync(entry.result.outDir)) return hold(key, entry);
    // The spool may be deleted by hand.
    entries.delete(key);
    if (entry.holders === 0) bytesHeldByNobody -= entry.bytes;
    return undefined;
  }

  async function keep(key: string, result: StoredResult, durable: boolean): Promise<HeldResult> {
    const known = entries.get(key);
    // What is computed anew takes the place of what was there; who holds that keeps it until then.
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
        // It may fail, or be given up by its caller: then one of those who waited computes.
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

/** Who gives up does not wait for the work of others. */
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

/** The reply is written before the folder gets its name: a folder of that name is whole. */
async function makeDurable(outDir: string, result: StoredResult): Promise<StoredResult> {
  const { reply, peakMemoryBytes, logTail } = result;
  writeFileSync(join(result.outDir, REPLY_FILE), JSON.stringify({ reply, peakMemoryBytes, logTail }));
  await rename(result.outDir, outDir);
  return { ...result, outDir };
}

/** A later process knows by it when the result was last wanted. */
function touch(outDir: string, usedAt: number): void {
  try {
    utimesSync(join(outDir, REPLY_FILE), usedAt / 1000, usedAt / 1000);
  } catch {
    // The spool may be deleted by hand.
  }
}

function bytesOf(reply: RunReply): number {
  return reply.files.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** Results of an earlier process, oldest first; a folder that is not whole goes. */
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
