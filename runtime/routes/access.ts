import { timingSafeEqual } from "node:crypto";
import { QuiverError } from "../../shared/errors/index.ts";
import type { Settings } from "../settings.ts";

const LOOPBACK = ["127.0.0.1", "localhost", "[::1]", "::1"];

function isLoopback(host: string): boolean {
  return LOOPBACK.includes(host) || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** Refuses to listen to other machines without a token. */
export function assertGuarded({ host, token }: Pick<Settings, "host" | "token">): void {
  if (isLoopback(host) || token !== "") return;
  throw new QuiverError(
    "setting-invalid",
    `Cannot listen on ${host} without a token: others could reach it. Give one with --token, or listen on 127.0.0.1.`,
    { field: "token", expected: "a token" },
  );
}

/**
 * Refuses a request without the token. If no token is set, refuses a Host header that does not name this machine: a
 * web page whose name resolves to 127.0.0.1 would send its own.
 */
export function assertAdmitted(request: Request, token: string): void {
  const url = new URL(request.url);
  if (token === "") {
    const host = (request.headers.get("Host") ?? url.host).replace(/:\d+$/, "");
    if (isLoopback(host)) return;
    throw new QuiverError(
      "forbidden-host",
      `Cannot answer a request to ${JSON.stringify(host)}: expected 127.0.0.1 or localhost.`,
      { given: host, expected: "127.0.0.1 or localhost" },
    );
  }
  if (url.pathname === "/healthz" || hasToken(request, token)) return;
  throw new QuiverError(
    "unauthorized",
    'The bearer token is missing or wrong: expected "Authorization: Bearer <token>".',
    {
      field: "Authorization",
    },
  );
}

function hasToken(request: Request, token: string): boolean {
  const given = Buffer.from(/^Bearer (.+)$/i.exec(request.headers.get("Authorization") ?? "")?.[1] ?? "");
  const wanted = Buffer.from(token);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
