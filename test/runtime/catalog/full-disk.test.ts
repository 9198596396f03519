import { expect, test } from "vitest";
import { functionErrorOf } from "../../../runtime/catalog/function-error.ts";

const threw = (message: string) =>
  functionErrorOf(
    {
      kind: "threw",
      name: "Error",
      message,
      stack: "",
      durationMs: 1,
      peakMemoryBytes: 0,
      logTail: "",
      logBytes: 0,
    },
    "rsi-macd",
    "/code/module.mjs",
  );

test.each([
  "ENOSPC: no space left on device, write",
  "EDQUOT: quota exceeded",
  "No space left on device (os error 28)",
])(
  "a child that could not write its results (%s) met a full disk, and its function is not to blame",
  (message) => {
    expect(threw(message)).toMatchObject({
      code: "disk-full",
      message:
        'The function "rsi-macd" could not be run to its end: the disk of the data directory is full. Free some space, or put the data directory elsewhere with --data.',
    });
  },
);

test("what a handler threw about something else stays its own", () => {
  expect(threw("the word ENOSPC in the middle")).toMatchObject({ code: "function-threw" });
});
