import { createReadStream } from "node:fs";
import { defined } from "../../shared/defined.ts";
import { fromErrorRecord, isErrorCode, messageOf, QuiverError } from "../../shared/errors/index.ts";
import { bodyStream } from "../routes/body-stream.ts";
import { findLiveServer, type ServerFile } from "../store/server-file.ts";
import { inCommandWords } from "./command-words.ts";
import type { CommandContext } from "./context.ts";
import { ignoredSettingsText } from "./ignored-settings.ts";
import { type Access, openParts } from "../open-parts.ts";

export interface SendOptions {
  readonly method?: "DELETE" | "GET" | "POST";
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly json?: unknown;
  readonly text?: string;
  /** Streamed while it is read. */
  readonly file?: { readonly path: string; readonly mediaType: string };
  readonly accept?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Where a command's requests go: a live server, or the same application in this process. */
export interface Connection {
  readonly where: "server" | "here";
  /** The server's URL; empty without a server. */
  readonly url: string;
  /** Rejects with an error if the answer is a problem. */
  readonly send: (path: string, options?: SendOptions) => Promise<Response>;
  readonly close: () => Promise<void>;
}

/** Connects a command. Rejects with `data-dir-missing` if the command needs a data directory that does not exist. */
export async function connect(context: CommandContext, command: string, access: Access): Promise<Connection> {
  const server = await findLiveServer(context.settings.data);
  if (server === undefined) return connectHere(context, command, access);
  context.terminal.err(ignoredSettingsText(context, server));
  return connectToServer(context, server);
}

/** Connects, runs, and closes the connection in any case. */
export async function withConnection<T>(
  context: CommandContext,
  command: string,
  access: Access,
  run: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await connect(context, command, access);
  try {
    return await run(connection);
  } finally {
    await connection.close();
  }
}

async function connectHere(context: CommandContext, command: string, access: Access): Promise<Connection> {
  const { settings, terminal, signal, wire } = context;
  const { wired, close } = await openParts({
    settings,
    command,
    access,
    wire,
    onAuthorOutput: (text) => terminal.err(text),
    onLog: (text) => terminal.err(text),
  });
  return {
    where: "here",
    url: "",
    send: async (path, options = {}) =>
      checked(await wired.app.fetch(toRequest("http://127.0.0.1", path, options, "", signal))),
    close,
  };
}

function connectToServer({ signal }: CommandContext, server: ServerFile): Connection {
  return {
    where: "server",
    url: server.url,
    send: async (path, options = {}) => {
      const request = toRequest(server.url, path, options, server.token, signal);
      let response: Response;
      try {
        // Bun gives up after five minutes without a byte; a long invocation can be silent for longer.
        response = await fetch(request, { timeout: false });
      } catch (cause) {
        if (signal.aborted) throw cause;
        const why = messageOf(cause);
        throw new QuiverError(
          "server-unreachable",
          `Cannot reach the server at ${server.url} (process ${server.pid}): ${why}.`,
          { url: server.url },
          cause,
        );
      }
      return checked(response);
    },
    close: () => Promise.resolve(),
  };
}

function toRequest(
  base: string,
  path: string,
  options: SendOptions,
  token: string,
  signal: AbortSignal,
): Request {
  const url = new URL(path, base);
  for (const [name, value] of Object.entries(options.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  const headers = new Headers({ ...options.headers, Accept: options.accept ?? "application/json" });
  if (token !== "") headers.set("Authorization", `Bearer ${token}`);
  if (options.file !== undefined) {
    headers.set("Content-Type", options.file.mediaType);
    const body = bodyStream(createReadStream(options.file.path), () => undefined);
    const init = { method: "POST", headers, signal, body, duplex: "half" };
    return new Request(url, init);
  }
  const body = options.json === undefined ? options.text : JSON.stringify(options.json);
  if (body !== undefined)
    headers.set("Content-Type", options.json === undefined ? "text/plain" : "application/json");
  return new Request(url, {
    method: options.method ?? (body === undefined ? "GET" : "POST"),
    headers,
    signal,
    ...defined({ body }),
  });
}

async function checked(response: Response): Promise<Response> {
  if (response.ok || response.status === 304) return response;
  throw toError(await response.text(), response.status);
}

/** Turns a problem into an error, worded for the command line. */
export function toError(text: string, status: number): QuiverError {
  try {
    const problem: unknown = JSON.parse(text);
    if (typeof problem === "object" && problem !== null && "code" in problem && isErrorCode(problem.code)) {
      const { detail, ...facts } = { detail: text, ...problem };
      return inCommandWords(fromErrorRecord({ code: problem.code, message: String(detail), facts }));
    }
  } catch {
    // Not a problem document: shown as it is.
  }
  return new QuiverError("internal-error", `The server answered ${status}: ${text.slice(0, 500)}`, {
    status,
  });
}
