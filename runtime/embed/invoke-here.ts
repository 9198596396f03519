import { type Table, tableFromIPC } from "apache-arrow";
import { defined } from "../../shared/defined.ts";
import type { CallOptions } from "../../shared/client/client.ts";
import type { InvokeRequest } from "../../shared/client/messages.ts";
import { arrowBody } from "../routes/arrow-body.ts";
import { parseFields } from "../routes/fields.ts";
import { cancelled } from "../invoke/record-invocation.ts";
import { functionAt } from "../routes/functions.ts";
import { requestOf } from "../routes/invocation-request.ts";
import { InvocationBody } from "../routes/request-schemas.ts";
import type { Services } from "../routes/services.ts";

const Body = InvocationBody.omit({ publish: true });

/**
 * Invokes a function in this process, checking the request as a server would. Unlike an HTTP response, it can report
 * progress.
 */
export async function invokeHere(
  services: Services,
  name: string,
  request: InvokeRequest,
  { signal, onProgress, recompute = false }: CallOptions,
): Promise<Table> {
  const { invoker, lifecycle, onAuthorOutput } = services;
  const invocation = requestOf(name, parseFields(Body, request, "in the call"));
  // Throws the same error code as a server would, so callers need not know where the call went.
  await functionAt(services, name);
  // Cancelled before its work it ends as it does later.
  if (signal?.aborted === true) throw cancelled(name, signal.reason);
  const work = lifecycle.begin(signal ?? new AbortController().signal);
  try {
    const result = await invoker.invoke(invocation, {
      signal: work.signal,
      recompute,
      onLog: onAuthorOutput,
      ...defined({ onProgress }),
    });
    try {
      const { byteLength, chunks } = arrowBody(result, "stream");
      return tableFromIPC(await joined(chunks, byteLength));
    } finally {
      await result.release();
    }
  } finally {
    work.end();
  }
}

async function joined(chunks: AsyncIterable<Uint8Array>, byteLength: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(byteLength);
  let at = 0;
  for await (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
