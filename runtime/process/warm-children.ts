import { QuiverError } from "../../shared/errors/index.ts";
import type { ReusableChild } from "./child-handle.ts";

/** Warm processes by key. Callers with the same key share a process and take turns. */
export interface WarmChildren {
  /** Keeps the process and its folder until the work is done. */
  use<T>(key: string, work: (child: ReusableChild) => Promise<T>): Promise<T>;
  /** Ends all processes; later calls are rejected with `stopping`. */
  close(): Promise<void>;
}

export interface WarmChildrenOptions {
  readonly create: () => ReusableChild;
  /** The limit for processes; beyond it, the idle one used longest ago ends first. */
  readonly max: number;
  /** A process is replaced after this many uses, because files mapped by a use stay mapped while it lives. */
  readonly usesMax?: number;
}

interface Warm {
  readonly child: ReusableChild;
  userCount: number;
  useCount: number;
}

/** Busy processes are never ended to make room for others, so there may be more than `max` for a while. */
export function createWarmChildren({ create, max, usesMax = 500 }: WarmChildrenOptions): WarmChildren {
  // The map keeps the order of insertion, which here is the order of last use.
  const byKey = new Map<string, Warm>();
  let closed = false;

  function take(key: string): Warm {
    // Nobody would end a process that is started now, and a listing of functions would go on to the next.
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
        // Another caller may still read a result from the process's folder.
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
