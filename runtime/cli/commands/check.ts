import { CHECKS, type CheckReport, offenceText, type Verdict } from "../../check/verdict.ts";
import { connect } from "../connect.ts";
import type { CommandContext } from "../context.ts";
import { namedSymbols, selectionBody, type SelectionOptions } from "../selection-options.ts";
import { durationText } from "../text-table.ts";

export type CheckCommandOptions = Pick<SelectionOptions, "dataset" | "params" | "param" | "symbols">;

/** `quiver check <functions…>`: resolves to whether every function passed. */
export async function checkCommand(
  context: CommandContext,
  names: readonly string[],
  options: CheckCommandOptions,
): Promise<boolean> {
  // Imported here: these modules take as long to load as all other commands together.
  const { checkFunctions } = await import("../../check/check-functions.ts");
  const { sampleMarket } = await import("../../check/market/sample-market.ts");
  const { terminal, settings, wire, signal } = context;
  const { params } = selectionBody(options);
  const given = isParams(params) ? params : {};
  const sample = options.dataset === undefined ? undefined : await connect(context, "check", "read");
  try {
    const reports = await checkFunctions({
      settings,
      wire,
      names,
      signal,
      paramsOf: () => given,
      onLog: (text) => terminal.err(text),
      onReport: (report) => {
        if (!context.json) terminal.out(reportText(report));
      },
      ...(sample === undefined
        ? {}
        : { openMarket: sampleMarket(sample.send, options.dataset ?? "", namedSymbols(options.symbols)) }),
    });
    if (context.json) terminal.out(`${JSON.stringify({ reports })}\n`);
    else if (reports.length > 1) terminal.out(summaryText(reports));
    return reports.every((report) => report.passed);
  } finally {
    await sample?.close();
  }
}

const MARKS: Readonly<Record<Verdict["outcome"], string>> = {
  passed: "ok  ",
  failed: "FAIL",
  warning: "warn",
  "not-applicable": "n/a ",
};

function reportText({ function: name, kind, on, verdicts, milliseconds }: CheckReport): string {
  const width = Math.max(...Object.values(CHECKS).map((title) => title.length));
  const lines = verdicts.flatMap(({ check, outcome, detail, offence }) => [
    `  ${MARKS[outcome]}  ${CHECKS[check].padEnd(width)}  ${detail}`,
    ...(offence === undefined || outcome !== "failed" ? [] : [`        ${offenceText(offence)}`]),
  ]);
  return `${name} (${kind}) on ${on}, ${durationText(milliseconds)}\n${lines.join("\n")}\n\n`;
}

function summaryText(reports: readonly CheckReport[]): string {
  const bad = reports.filter((report) => !report.passed).map((report) => report.function);
  return bad.length === 0
    ? `All ${reports.length} functions passed.\n`
    : `${bad.length} of ${reports.length} functions failed: ${bad.join(", ")}\n`;
}

function isParams(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
