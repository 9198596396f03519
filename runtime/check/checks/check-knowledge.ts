import type { ResolvedInput } from "../../../shared/contract/describe.ts";
import type { InputBinding } from "../../../shared/protocol/invocation.ts";
import { compareRows } from "../compare-rows.ts";
import { ADJUST_BARS } from "../function-folder.ts";
import { splitPower } from "../market/bar-table.ts";
import {
  failed,
  invariantColumns,
  notApplicable,
  passed,
  RATIO_TOLERANCE,
  runSubject,
  type Subject,
} from "../subject.ts";
import type { Verdict } from "../verdict.ts";
import { cutTimes } from "./cut-times.ts";

/**
 * Compares the function on bars adjusted with what was known at a cut with the function on bars as adjusted today. A
 * split in between must not change ratios. Prices and volumes rightly change their scale.
 */
export async function checkKnowledge(subject: Subject): Promise<Verdict> {
  const { resolved, entry, market } = subject;
  if (entry.description.kind === "label") return notApplicable("knowledge", "labels look ahead");
  const inputs = adjustedInputs(subject);
  if (typeof inputs === "string") return notApplicable("knowledge", inputs);
  const columns = invariantColumns(subject);
  const exempt = resolved.outputs
    .filter(({ unit }) => unit === "price" || unit === "volume")
    .map(({ name }) => name);
  const adjusted = exempt.length === 0 ? "" : `; adjusted, so exempt: ${listOf(exempt)}`;
  if (columns.length === 0)
    return notApplicable("knowledge", `no output is a ratio, a count or a flag${adjusted}`);
  const now = await runSubject(subject, { inputs });
  const times = cutTimes(market, [0.72]);
  for (const { asOf, text } of times) {
    const then = await runSubject(subject, { inputs, asOf });
    const difference = compareRows(now.rows, then.rows, {
      columns,
      tolerance: RATIO_TOLERANCE,
      onlyCommon: true,
    });
    if (difference !== undefined) {
      const what = `on adjusted bars, a value up to ${text} depends on later splits`;
      return failed("knowledge", what, difference);
    }
  }
  return passed(
    "knowledge",
    `on adjusted bars as of ${times.map(({ text }) => text).join(", ")}: ratios, counts and flags within ${RATIO_TOLERANCE} of today's${adjusted}`,
  );
}

/** The binding that gives the function adjusted bars, or the reason why there is none. */
function adjustedInputs({ resolved, market, entry }: Subject): Record<string, InputBinding> | string {
  if (entry.description.shape === "table") return "it makes its own rows: check the functions that read it";
  if (!market.table.columns.some(({ name }) => name === "factor")) return "the bars have no column factor";
  if (resolved.inputs.some(({ kind }) => kind === "function")) return "its bars come from another function";
  const own = resolved.inputs.filter(isOwn);
  const columns = own.flatMap((input) => input.columns);
  if (columns.every(({ name }) => splitPower(name) === 0)) return "it reads nothing that a split changes";
  if (columns.some(({ name }) => name === "adj_close" || name === "factor"))
    return "it adjusts prices itself";
  const odd = columns.find(
    ({ name, type }) => type === "utf8" || (splitPower(name) !== 0 && !type.startsWith("float")),
  );
  if (odd !== undefined) return `its column ${odd.name} is ${odd.type}, which cannot be adjusted`;
  return Object.fromEntries(
    own.map((input) => {
      const params = {
        columns: input.columns.map(({ name, type, nullable }) => ({
          name,
          type,
          nullable,
          power: splitPower(name),
        })),
      };
      return [input.name, { function: ADJUST_BARS, params }];
    }),
  );
}

function isOwn(input: ResolvedInput): boolean {
  return input.kind === "dataset" && input.dataset === null;
}

function listOf(names: readonly string[]): string {
  return names.length <= 6
    ? names.join(", ")
    : `${names.slice(0, 5).join(", ")} and ${names.length - 5} more`;
}
