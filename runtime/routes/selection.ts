import { QuiverError } from "../../shared/errors/index.ts";
import { shown } from "./fields.ts";

/** `?params=`: an object of parameters as JSON. */
export function paramsOf(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  if (text === undefined) return undefined;
  const value = parse(text);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new QuiverError(
    "request-malformed",
    `Cannot read the field "params" in the query: given ${shown(text)}, expected an object of parameters as JSON.`,
    { field: "params", given: text, expected: "an object of parameters as JSON" },
  );
}

/** `?symbols=`: symbols separated by commas. */
export function symbolsOf(text: string | undefined): string[] | undefined {
  return text
    ?.split(",")
    .map((symbol) => symbol.trim())
    .filter((symbol) => symbol !== "");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Text that is not JSON gets the same refusal as JSON of another shape.
    return undefined;
  }
}
