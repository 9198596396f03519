import { QuiverError } from "../../shared/errors/index.ts";
import type { ReusableChild } from "./child-handle.ts";

/** Warm processes by key: whoever names the same key is served by the same process, one after the other. */
export interface WarmChildren {
  /** The process stays, and its folder with it, until the work is done. */
  use<T>(key: string, work: (child: ReusableChild) => Promise<T>): Promise<T>;
  /** Ends them all; work that is still to come is refused with `stopping`. */
  close(): Promise<void>;
}

export interface WarmChildrenOptions {
  readonly create: () => ReusableChild;
  /** Processes kept at most; of those that do nothing the one used longest ago goes first. */
  readonly max: number;
  /** A process is replaced after so many uses: what each of them mapped stays mapped while it lives. */
  readonly usesMax?: number;
}

interface Warm {
  readonly child: ReusableChild;
  userCount: number;
  useCount: number;
}

/** A process at work is never ended to make room for another: there are more than `max` for that long instead. */
export function createWarmChildren({ create, max, usesMax = 500 }: WarmChildrenOptions): WarmChildren {
  // In the order of last use: a map keeps the order of insertion.
  const byKey = new Map<string, Warm>();
  let closed = false;

  function take(key: string): Warm {
    // One that was started now would be ended by nobody, and whoever lists functions goes on to the next.
    if (closed)
      throw new QuiverError("stopping", "Cannot start a process for a function: Quiver is being stopped.");
    const warm = byKey.get(key) ?? { child: create(), userCount: 0, useCount: 0 };
    byKey.delete(key);
    byKey.set(key, warm);
    warm.userCount++;
    makeRoom();
    return warm;
  }

  function makeRoom(): void {
    for (const [key, warm] of byKey) {
      if (byKey.size <= max) return;
      if (warm.userCount > 0) continue;
      byKey.delete(key);
      void warm.child.close();
    }
  }

  return {
    async use(key, work) {
      const warm = take(key);
      try {
        return await work(warm.child);
      } finally {
        warm.userCount--;
        warm.useCount++;
        // Not while somebody still takes a result out of the process's folder.
        if (warm.useCount >= usesMax && warm.userCount === 0 && byKey.get(key) === warm) {
          byKey.delete(key);
          void warm.child.close();
        }
        makeRoom();
      }
    },
    async close() {
      closed = true;
      await Promise.all(Array.from(byKey.values(), (warm) => warm.child.close()));
    },
  };
}
