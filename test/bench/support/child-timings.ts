import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds within the children of one publish, added up over all of them: they run side by side. */
export interface ChildTimings {
  readonly children: number;
  readonly rowCount: number;
  readonly mapMs: number;
  readonly importMs: number;
  readonly handlerMs: number;
  readonly sinkMs: number;
}

const POLL_MS = 2;

/**
 * Runs a publish and meanwhile reads the replies that its children leave in the spool, where each lies from its
 * partition's end to the version's: no other record tells computing from encoding. Gives null unless the replies seen
 * are of so many rows. Looking costs processor time, so this publish is not one to be timed.
 */
export async function childTimings(
  dataDir: string,
  rowCount: number,
  publish: () => Promise<unknown>,
): Promise<ChildTimings | null> {
  const dir = join(dataDir, "spool", "results");
  const replies = new Map<string, Reply>();
  let ended = false;
  const watching = (async () => {
    while (!ended) {
      for (const key of namesIn(dir)) {
        const reply = replies.has(key) ? undefined : readReply(join(dir, key, "reply.json"));
        if (reply !== undefined) replies.set(key, reply);
      }
      await sleep(POLL_MS);
    }
  })();
  try {
    await publish();
  } finally {
    ended = true;
    await watching;
  }
  const all = [...replies.values()];
  const sum = (of: (reply: Reply) => number) => all.reduce((total, reply) => total + of(reply), 0);
  if (sum((reply) => reply.rowCount) !== rowCount) return null;
  return {
    children: all.length,
    rowCount,
    mapMs: sum(({ timings }) => timings.mapMs),
    importMs: sum(({ timings }) => timings.importMs),
    handlerMs: sum(({ timings }) => timings.handlerMs),
    sinkMs: sum(({ timings }) => timings.sinkMs),
  };
}

interface Reply {
  readonly rowCount: number;
  readonly timings: Omit<ChildTimings, "children" | "rowCount">;
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    // It is made with the first result.
    return [];
  }
}

function readReply(path: string): Reply | undefined {
  try {
    const stored: unknown = JSON.parse(readFileSync(path, "utf8"));
    const { reply } = stored as { reply: Reply };
    return reply;
  } catch {
    // Not written yet, or removed meanwhile.
    return undefined;
  }
}
