import { parentPort } from "node:worker_threads";
import { defined } from "../../../shared/defined.ts";
import { fillSegment, type Segment } from "./fill-segment.ts";
import { readParquetMetadata, type ParquetMetadata } from "./parquet-metadata.ts";
import type { SegmentReply } from "./segment-pool.ts";

/** Fills one segment after the other, as sent by the engine's main thread. */
const FOOTERS_KEPT = 256;
const footers = new Map<string, ParquetMetadata>();

function footerOf(path: string): ParquetMetadata {
  let footer = footers.get(path);
  if (footer === undefined) {
    // Files are never modified in place; a new import uses new names.
    if (footers.size >= FOOTERS_KEPT) footers.clear();
    footers.set(path, (footer = readParquetMetadata(path)));
  }
  return footer;
}

parentPort?.on("message", (segment: Segment) => {
  let reply: SegmentReply;
  try {
    reply = { parts: fillSegment(segment, footerOf) };
  } catch (error) {
    const { message, name, code } = error as Error & { readonly code?: string };
    reply = { error: { message, name, ...defined({ code }) } };
  }
  parentPort?.postMessage(reply);
});
