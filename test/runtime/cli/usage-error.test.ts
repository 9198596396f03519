import { describe, expect, test } from "vitest";
import { runCommand } from "../../support/run-command.ts";

describe("what commander refuses is worded like every other refusal", () => {
  test.each([
    [
      ["invok"],
      'Cannot run "quiver invok": there is no such command. Did you mean "invoke"? There are invoke, publish, graph, why, check, new, import, ls, sql, training-set, rm, gc, start, dev, schedule, jobs, doctor, demo, bench.',
    ],
    [
      ["jobs", "list"],
      'Cannot run "quiver jobs list": there is no such command. Did you mean "ls"? There are ls, watch, cancel, logs, result.',
    ],
    [
      ["jobs", "wach", "x"],
      'Cannot run "quiver jobs wach": there is no such command. Did you mean "watch"? There are ls, watch, cancel, logs, result.',
    ],
    [
      ["schedule", "lss"],
      'Cannot run "quiver schedule lss": there is no such command. Did you mean "ls"? There is ls.',
    ],
    [
      ["invoke"],
      'Cannot run "quiver invoke" without <function> (name of the function): expected "quiver invoke <function>". "quiver ls" lists the functions. "quiver invoke --help" lists its options.',
    ],
    [
      ["jobs", "watch"],
      'Cannot run "quiver jobs watch" without <id> (id of the job): expected "quiver jobs watch <id>". "quiver jobs" lists the jobs. "quiver jobs watch --help" lists its options.',
    ],
    [
      ["training-set", "rows.csv"],
      'Cannot run "quiver training-set" without --features: expected --features <list> (<dataset>:<set>[@<version>][.<column>], separated by commas). "quiver training-set --help" lists its options.',
    ],
    [
      ["invoke", "rsi", "--parm=period=3"],
      'Cannot use --parm with "quiver invoke": there is no such option. Did you mean "--param"? "quiver invoke --help" lists its options.',
    ],
    [
      ["publish", "rsi", "-o", "x.csv"],
      'Cannot use -o with "quiver publish": it is an option of "quiver invoke", "quiver sql", "quiver training-set", "quiver jobs result". "quiver publish --help" lists its options.',
    ],
    [
      ["sql", "select 1", "--limit"],
      "Cannot use --limit without a value: expected --limit <rows> (rows to show; with -o or --format, refuse a result with more rows).",
    ],
    [
      ["invoke", "rsi", "--dataset", "--from", "2024-01-01"],
      "Cannot use --dataset without a value: expected --dataset <name> (dataset to run on). --from follows it.",
    ],
    [
      ["ls", "demo", "bars"],
      'Cannot take "bars" with "quiver ls": it takes [dataset] only; put quotes around words that belong together. "quiver ls --help" lists its options.',
    ],
    [
      ["gc", "now"],
      'Cannot take "now" with "quiver gc": it takes no arguments. "quiver gc --help" lists its options.',
    ],
  ])("%j", async (args, message) => {
    expect(await runCommand(args)).toEqual({ code: 2, out: "", err: `${message}\n` });
  });

  test("as JSON with --json", async () => {
    const { code, out, err } = await runCommand(["jobs", "wach", "--json"]);
    expect([code, out]).toEqual([2, ""]);
    expect(JSON.parse(err)).toEqual({
      code: "request-malformed",
      detail:
        'Cannot run "quiver jobs wach": there is no such command. Did you mean "watch"? There are ls, watch, cancel, logs, result.',
      given: "wach",
      expected: ["ls", "watch", "cancel", "logs", "result"],
    });
  });
});

test("a request for help is not a refusal", async () => {
  // Commander writes it to the process's own output; what counts here is the code.
  expect((await runCommand(["jobs", "watch", "--help"])).code).toBe(0);
});
