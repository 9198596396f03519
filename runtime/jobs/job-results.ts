import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync } from "node:fs";
import { link, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { SpooledResult } from "../invoke/invocation.ts";

/** The rows of finished jobs and the uploaded bodies of unfinished ones, in one folder of the spool per job. */
export interface JobResultStore {
  /** Moves an uploaded body into the job's folder. */
  takeBody(id: string, path: string): void;
  /** The path of a job's body; undefined when the spool was emptied. */
  body(id: string): string | undefined;
  /** Stores a result, which the caller then releases. */
  keep(id: string, result: SpooledResult): Promise<void>;
  /** Whether a result is stored. Only `open` checks all its files. */
  has(id: string): boolean;
  /** Undefined when the result is no longer stored whole. */
  open(id: string): SpooledResult | undefined;
  /** Removes unwanted results, and the oldest ones beyond the size limit; none that is being read. */
  evict(isWanted: (id: string) => boolean): Promise<void>;
}

/** The content of `result.json`: the result without the paths of its files. */
interface StoredResult extends Pick<SpooledResult, "facts" | "schema" | "symbols"> {
  readonly formatVersion: 1;
  readonly parts: readonly (Pick<SpooledResult["parts"][number], "batches"> & {
    readonly file: string;
    readonly byteLength: number;
  })[];
}

const BODY = "body.arrow";
const RESULT = "result";
const RESULT_FILE = "result.json";

export function openJobResults(dir: string, bytesMax: number): JobResultStore {
  const readers = new Map<string, number>();
  const folderOf = (id: string) => join(dir, id);

  async function remove(id: string): Promise<void> {
    if (!readers.has(id)) await rm(folderOf(id), { recursive: true, force: true });
  }

  return {
    takeBody(id, path) {
      mkdirSync(folderOf(id), { recursive: true });
      renameSync(path, join(folderOf(id), BODY));
    },
    body(id) {
      const path = join(folderOf(id), BODY);
      return existsSync(path) ? path : undefined;
    },
    async keep(id, { facts, schema, symbols, parts }) {
      const unfinished = join(folderOf(id), `${RESULT}.unfinished`);
      const finished = join(folderOf(id), RESULT);
      await rm(unfinished, { recursive: true, force: true });
      await rm(finished, { recursive: true, force: true });
      await mkdir(unfinished, { recursive: true });
      const stored: StoredResult["parts"][number][] = [];
      for (const [number, { path, batches }] of parts.entries()) {
        const file = `part-${String(number).padStart(5, "0")}.arrow`;
        // A hard link: other owners of the file may delete theirs.
        await link(path, join(unfinished, file));
        stored.push({ file, byteLength: statSync(path).size, batches });
      }
      const result: StoredResult = { formatVersion: 1, facts, schema, symbols, parts: stored };
      await writeFile(join(unfinished, RESULT_FILE), JSON.stringify(result));
      await rename(unfinished, finished);
      await rm(join(folderOf(id), BODY), { force: true });
    },
    has: (id) => existsSync(join(folderOf(id), RESULT, RESULT_FILE)),
    open(id) {
      const folder = join(folderOf(id), RESULT);
      const stored = readStored(folder);
      if (stored === undefined) return undefined;
      readers.set(id, (readers.get(id) ?? 0) + 1);
      let released = false;
      return {
        facts: stored.facts,
        schema: stored.schema,
        symbols: stored.symbols,
        parts: stored.parts.map(({ file, batches }) => ({ path: join(folder, file), batches })),
        release() {
          const left = (readers.get(id) ?? 1) - (released ? 0 : 1);
          released = true;
          if (left > 0) readers.set(id, left);
          else readers.delete(id);
          return Promise.resolve();
        },
      };
    },
    async evict(isWanted) {
      const folders = existsSync(dir) ? readdirSync(dir) : [];
      const unwanted = folders.filter((id) => !isWanted(id));
      for (const id of unwanted) await remove(id);
      const kept = folders
        .filter((id) => !unwanted.includes(id))
        .flatMap((id) => {
          const result = join(folderOf(id), RESULT);
          const bytes = readStored(result)?.parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
          return bytes === undefined ? [] : [{ id, bytes, at: statSync(result).mtimeMs }];
        })
        .toSorted((a, b) => a.at - b.at);
      let bytes = kept.reduce((sum, each) => sum + each.bytes, 0);
      // The newest result stays whatever its size: its caller has had no time to fetch it.
      for (const { id, bytes: own } of kept.slice(0, -1)) {
        if (bytes <= bytesMax) break;
        await remove(id);
        bytes -= own;
      }
    },
  };
}

/** Undefined unless every file of the result is there at its full length. */
function readStored(folder: string): StoredResult | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(join(folder, RESULT_FILE), "utf8"));
    if (!isStored(value)) return undefined;
    const isWhole = value.parts.every(
      ({ file, byteLength }) => basename(file) === file && statSync(join(folder, file)).size === byteLength,
    );
    return isWhole ? value : undefined;
  } catch {
    // The spool may be emptied by hand.
    return undefined;
  }
}

/** Only `keep` writes this file, so its version is check enough. */
function isStored(value: unknown): value is StoredResult {
  return typeof value === "object" && value !== null && "formatVersion" in value && value.formatVersion === 1;
}
