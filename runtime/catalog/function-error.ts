import { isDiskFull, QuiverError } from "../../shared/errors/index.ts";
import type { OkOutcome, Outcome } from "../../shared/protocol/outcome.ts";
import { originalStack } from "./original-stack.ts";

/** Errors thrown on purpose to tell the caller something; other kinds are mistakes in the code. */
const SENTENCES = ["Error", "RangeError"];

/** The error for a function whose process did not end in `ok`: what happened, to what, and what to do. */
export function functionErrorOf(
  outcome: Exclude<Outcome, OkOutcome>,
  name: string,
  module: string,
): QuiverError {
  const facts = {
    function: name,
    outcome: outcome.kind,
    durationMs: outcome.durationMs,
    logTail: outcome.logTail,
  };
  const subject = `The function ${JSON.stringify(name)}`;
  switch (outcome.kind) {
    case "threw": {
      const stack = originalStack(outcome.stack, module);
      if (outcome.error !== undefined) {
        const { code, message, facts: more } = outcome.error;
        return new QuiverError(code, message, { ...facts, ...more, stack });
      }
      // A handler cannot write to the disk, so this was thrown while its results were written.
      if (isDiskFull(outcome.message)) {
        return new QuiverError(
          "disk-full",
          `${subject} could not be run to its end: the disk of the data directory is full. Free some space, or put the data directory elsewhere with --data.`,
          facts,
        );
      }
      const how = SENTENCES.includes(outcome.name) ? "stopped" : `threw ${outcome.name}`;
      return new QuiverError("function-threw", `${subject} ${how}: ${outcome.message}`, {
        ...facts,
        thrown: outcome.name,
        stack,
      });
    }
    case "timed-out":
      return new QuiverError(
        "function-timed-out",
        `${subject} was stopped after ${outcome.limitMs} ms, its wall-time limit. Narrow the selection, or raise \`limits.wallTimeMs\` in its definition.`,
        { ...facts, limitMs: outcome.limitMs },
      );
    case "cancelled":
      return new QuiverError("invocation-cancelled", `${subject} was cancelled: ${outcome.reason}.`, facts);
    case "out-of-memory":
      return new QuiverError(
        "function-out-of-memory",
        `${subject} used more private memory than its limit of ${Math.round(outcome.limitBytes / 1048576)} MiB ` +
          `(peak ${Math.round(outcome.peakMemoryBytes / 1048576)} MiB). Raise \`limits.memoryMiB\` in its definition if it needs more.`,
        {
          ...facts,
          limitBytes: outcome.limitBytes,
          peakMemoryBytes: outcome.peakMemoryBytes,
          by: outcome.by,
        },
      );
    case "exited": {
      const how = outcome.signal === null ? `with code ${outcome.code}` : `by signal ${outcome.signal}`;
      return new QuiverError(
        "function-exited",
        `${subject} ended its process ${how} before it answered. A handler must return, not exit.`,
        { ...facts, exitCode: outcome.code, signal: outcome.signal },
      );
    }
    case "broke-contract":
      return new QuiverError("contract-broken", `${subject} broke its contract: ${outcome.reason}.`, facts);
  }
}
