import { z } from "zod";
import { errorCodeOf, messageOf, QuiverError } from "../../shared/errors/index.ts";
import type { Terminal } from "./terminal.ts";

/** A failure on `err`: its sentence, and below it where in the author's code, and the last of the log where there are any. */
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
    terminal.err(`\nThe last of its output:\n${indented(logTail.trimEnd())}\n`);
  }
}

/** The answer to a command had another shape: it came from a server of other sources. */
function otherVersion(error: unknown): unknown {
  if (!(error instanceof z.ZodError)) return error;
  const [issue] = error.issues;
  const where = issue === undefined || issue.path.length === 0 ? "" : ` at ${issue.path.join(".")}`;
  return new QuiverError(
    "internal-error",
    `Cannot read what the server answered${where}: ${issue?.message ?? "it is something else"}. Where it was started before Quiver was changed, stop it and start it again.`,
    {},
    error,
  );
}

/** Without its first lines: they say again what the sentence has said. */
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
