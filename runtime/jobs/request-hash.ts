import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { canonicalJson } from "../../shared/canonical-json.ts";
import type { JobOrder } from "./job.ts";

/** A hash of an order. An uploaded body is read and hashed only if the order has a key. */
export async function requestHash(order: JobOrder): Promise<string> {
  const { kind, request, recompute = false, idempotencyKey } = order;
  const hash = createHash("sha256").update(canonicalJson({ kind, request, recompute }));
  if (order.kind === "invoke" && order.body !== undefined && idempotencyKey !== undefined) {
    hash.update(canonicalJson({ input: order.body.input }));
    for await (const chunk of createReadStream(order.body.path)) hash.update(bytesOf(chunk));
  }
  return hash.digest("hex").slice(0, 32);
}

function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw new TypeError("a file is read as bytes");
}
