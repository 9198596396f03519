import { QuiverError } from "../../shared/errors/index.ts";
import { denoApi } from "./deno-api.ts";

export type FetchHandler = (request: Request) => Response | Promise<Response>;

export interface HttpServer {
  readonly port: number;
  /** Stops listening. Responses in progress finish first, unless `force` cuts them off. */
  stop(force?: boolean): Promise<void>;
}

/**
 * Serves a fetch handler over HTTP. Port 0 picks a free port. No limit on idle time or body size is set here: slow
 * clients of large results are normal, and the application limits bodies itself.
 */
export function serveHttp(
  handler: FetchHandler,
  { hostname, port }: { readonly hostname: string; readonly port: number },
): HttpServer {
  const deno = denoApi();
  try {
    return deno === undefined ? serveOnBun(handler, hostname, port) : serveOnDeno(handler, hostname, port);
  } catch (error) {
    throw isAddressInUse(error) ? portInUse(hostname, port, error) : error;
  }
}

function serveOnBun(handler: FetchHandler, hostname: string, port: number): HttpServer {
  const server = Bun.serve({
    hostname,
    port,
    fetch: handler,
    idleTimeout: 0,
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    development: false,
    // The default is true outside development, and a second server would then silently share the port.
    reusePort: false,
  });
  return {
    port: server.port ?? port,
    async stop(force = false) {
      await server.stop(force);
    },
  };
}

function serveOnDeno(handler: FetchHandler, hostname: string, port: number): HttpServer {
  const deno = denoApi();
  if (deno === undefined) throw new Error("Cannot serve with Deno: this process does not run on it.");
  const aborting = new AbortController();
  const server = deno.serve(
    {
      hostname,
      port,
      signal: aborting.signal,
      onListen: () => undefined,
      onError: () => new Response("internal error", { status: 500 }),
    },
    handler,
  );
  return {
    port: server.addr.port,
    async stop(force = false) {
      if (force) aborting.abort();
      else await server.shutdown();
      await server.finished;
    },
  };
}

function isAddressInUse(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === "AddrInUse" || ("code" in error && error.code === "EADDRINUSE");
}

function portInUse(hostname: string, port: number, cause: unknown): QuiverError {
  return new QuiverError(
    "port-in-use",
    `Cannot listen on ${hostname}:${port}: another process is listening there. Stop it, or give another port with --port.`,
    { hostname, port },
    cause,
  );
}
