import { errorCodeOf } from "../../shared/errors/index.ts";
import type { Terminal } from "./terminal.ts";

/** A failure on `err`: its sentence, and below it the author's stack and the last of the log where there are any. */
export function reportError(error: unknown, terminal: Terminal, json: boolean): void {
  const code = errorCodeOf(error);
  const facts = factsOf(error);
  const message = error instanceof Error ? error.message : String(error);
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
  if (typeof stack === "string" && stack !== "") terminal.err(`\n${indented(stack)}\n`);
  if (typeof logTail === "string" && logTail.trim() !== "") {
    terminal.err(`\nThe last of its output:\n${indented(logTail.trimEnd())}\n`);
  }
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, "  ");
}

function factsOf(error: unknown): Readonly<Record<string, unknown>> {
  const facts = typeof error === "object" && error !== null && "facts" in error ? error.facts : undefined;
  return typeof facts === "object" && facts !== null ? { ...facts } : {};
}
