import { expect, test } from "vitest";
import { z } from "zod";
import { reportError } from "../../../runtime/cli/report-error.ts";

function reported(error: unknown, json = false): string {
  let text = "";
  const err = (more: string) => void (text += more);
  reportError(error, { out: err, err, write: () => Promise.resolve(), isInteractive: false }, json);
  return text;
}

// A server that was started before an update answered "quiver graph", and the command showed a stack of its parser.
test("reportError() blames an outdated server for an answer of the wrong shape", () => {
  const answer = z.object({ nodes: z.array(z.object({ id: z.string() })) }).safeParse({ nodes: [{ id: 1 }] });
  const message =
    "Cannot read what the server answered at nodes.0.id: Invalid input: expected string, received number. " +
    "If it was started before Quiver was updated, restart it.";
  expect(reported(answer.error)).toBe(`${message}\n`);
  expect(JSON.parse(reported(answer.error, true))).toEqual({ code: "internal-error", detail: message });
});
