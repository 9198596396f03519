import { didYouMean } from "../../shared/errors/index.ts";
import { dueTimes } from "./due-times.ts";

interface Field {
  readonly name: string;
  readonly values: string;
}

const FIELDS: readonly Field[] = [
  { name: "minute", values: "0 to 59" },
  { name: "hour", values: "0 to 23" },
  { name: "day of the month", values: "1 to 31 or L" },
  { name: "month", values: "1 to 12 or JAN to DEC" },
  { name: "weekday", values: "0 to 7 or SUN to SAT" },
];
const SECOND: Field = { name: "second", values: "0 to 59" };

const NICKNAMES = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@hourly"];

/**
 * What is wrong with a cron expression, in its author's terms: the unreadable field, and what it may hold. Undefined
 * when the expression is valid.
 */
export function cronProblem(cron: string): string | undefined {
  const parts = cron.trim().split(/\s+/);
  const [first = ""] = parts;
  if (first.startsWith("@")) {
    if (isReadable(cron)) return undefined;
    return `${JSON.stringify(cron)} is none of ${NICKNAMES.join(", ")}.${didYouMean(first, NICKNAMES)}`;
  }
  if (parts.length !== 5 && parts.length !== 6) {
    const count = cron.trim() === "" ? "nothing" : parts.length === 1 ? "one" : String(parts.length);
    return `expected five fields (${FIELDS.map(({ name }) => name).join(", ")}), or six with the second first; there ${parts.length === 1 ? "is" : "are"} ${count}`;
  }
  const fields = parts.length === 6 ? [SECOND, ...FIELDS] : FIELDS;
  const index = fields.findIndex((_, at) => !isFieldReadable(parts, at));
  const field = fields[index];
  if (field !== undefined) {
    return `the ${field.name} is ${JSON.stringify(parts[index])}, expected ${field.values}, a list such as 1,5, a range such as 1-5, a step such as */5, or *`;
  }
  return isReadable(cron) ? undefined : "its fields do not go together";
}

/** Tests one field alone, with `*` elsewhere: croner names fields by number, and may blame the wrong one. */
function isFieldReadable(parts: readonly string[], at: number): boolean {
  const part = parts[at] ?? "";
  return /^[\w*?,\-/#+]+$/.test(part) && isReadable(parts.map((_, i) => (i === at ? part : "*")).join(" "));
}

function isReadable(cron: string): boolean {
  try {
    dueTimes({ cron, zone: "UTC" });
    return true;
  } catch {
    // The fields are then tested one by one.
    return false;
  }
}
