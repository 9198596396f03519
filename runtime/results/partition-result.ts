import type { UnitRanges } from "../../shared/protocol/child-message.ts";
import type { HeldResult } from "./result-store.ts";

/** A finished partition of a plan, whose files stay in place until the result is released. */
export interface PartitionResult extends HeldResult {
  readonly units: UnitRanges;
  /** Whether the result existed already, so that nothing ran. */
  readonly found: boolean;
}

/** Releases partitions' files. The result store keeps them while it has room, in case they are asked for again. */
export async function releaseResults(results: readonly PartitionResult[]): Promise<void> {
  await Promise.all(results.map((result) => result.release()));
}

/** Discards partitions' files, which have been stored elsewhere for good. */
export async function discardResults(results: readonly PartitionResult[]): Promise<void> {
  await Promise.all(results.map((result) => result.discard()));
}
