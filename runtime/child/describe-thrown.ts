import { errorCodeOf, type ErrorFacts } from "../../shared/errors/index.ts";
import type { ThrownRecord } from "../../shared/protocol/control.ts";

const MESSAGE_LENGTH_MAX = 8_192;
const STACK_LENGTH_MAX = 16_384;

/** Describes anything thrown in plain words. Author code may throw anything, including objects whose getters throw. */
export function describeThrown(thrown: unknown): ThrownRecord {
  try {
    if (!(thrown instanceof Error)) return describeNonError(thrown);
    const name = String(thrown.name);
    const message = clip(String(thrown.message), MESSAGE_LENGTH_MAX);
    const stack = clip(String(thrown.stack ?? `${name}: ${message}`), STACK_LENGTH_MAX);
    const code = errorCodeOf(thrown);
    if (code === undefined || name !== "QuiverError") return { name, message, stack };
    return { name, message, stack, error: { code, message, facts: factsOf(thrown) } };
  } catch {
    return { name: "Error", message: "something was thrown that cannot be described", stack: "" };
  }
}

function describeNonError(thrown: unknown): ThrownRecord {
  const text = typeof thrown === "string" ? thrown : (JSON.stringify(thrown) ?? String(thrown));
  return {
    name: "NonError",
    message: clip(`${typeof thrown} was thrown: ${text}`, MESSAGE_LENGTH_MAX),
    stack: "",
  };
}

/** Facts as plain JSON. Facts that cannot be converted are left out, to avoid an error about an error. */
function factsOf(thrown: Error): ErrorFacts {
  const facts: unknown = "facts" in thrown ? thrown.facts : undefined;
  if (typeof facts !== "object" || facts === null) return {};
  const plain: unknown = JSON.parse(JSON.stringify(facts));
  return typeof plain === "object" && plain !== null ? { ...plain } : {};
}

function clip(text: string, lengthMax: number): string {
  return text.length <= lengthMax ? text : `${text.slice(0, lengthMax)} …`;
}
