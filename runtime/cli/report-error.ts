import { z } from "zod";
import { errorCodeOf, messageOf, QuiverError } from "../../shared/errors/index.ts";
import type { Terminal } from "./terminal.ts";

/** Writes a failure to `err`: its message, then the author's stack frames and the end of the log if there are any. */
export function reportError(failure: unknown, terminal: Terminal, json: boolean): void {
  const error = otherVersion(failure);
  const code = errorCodeOf(error);
  const facts = factsOf(error);
  const message = messageOf(error);
  if (json) {
    terminal.err(`${JSON.stringify({ ...facts, code: code ?? "internal-error", detail: message })}\n`);
    return;
  }
  if (code === undefined) {
    terminal.err(`${error instanceof Error ? (error.stack ?? message) : message}\n`);
    return;
  }
  terminal.err(`${message}\n`);
  const { stack, logTail } = facts;
  const frames = typeof stack === "string" ? framesOf(stack) : "";
  if (frames !== "") terminal.err(`\n${frames}\n`);
  if (typeof logTail === "string" && logTail.trim() !== "") {
    terminal.err(`\nThe end of its output:\n${indented(logTail.trimEnd())}\n`);
  }
}

/** An answer of the wrong shape comes from a server that runs another version of Quiver; says so. */
function otherVersion(error: unknown): unknown {
  if (!(error instanceof z.ZodError)) return error;
  const [issue] = error.issues;
  const where = issue === undefined || issue.path.length === 0 ? "" : ` at ${issue.path.join(".")}`;
  return new QuiverError(
    "internal-error",
    `Cannot read what the server answered${where}: ${issue?.message ?? "its shape is wrong"}. If it was started before Quiver was updated, restart it.`,
    {},
    error,
  );
}

/** The frames of a stack, without the lines above them, which repeat the message. */
function framesOf(stack: string): string {
  const lines = stack.split("\n");
  const first = lines.findIndex((line) => /^\s+at /.test(line));
  return first < 0 ? "" : lines.slice(first).join("\n").trimEnd();
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, "  ");
}

function factsOf(error: unknown): Readonly<Record<string, unknown>> {
  const facts = typeof error === "object" && error !== null && "facts" in error ? error.facts : undefined;
  return typeof facts === "object" && facts !== null ? { ...facts } : {};
}
