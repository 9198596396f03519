import { QuiverError } from "../../shared/errors/index.ts";

/** Refuses an option's value. All such refusals have the same wording. */
export function refusedOption(option: string, given: string, expected: string): QuiverError {
  return new QuiverError("request-malformed", optionSentence(option, given, expected), {
    field: option,
    given,
    expected,
  });
}

/** `Cannot use "x" for --level: expected …` */
export function optionSentence(option: string, given: unknown, expected: string): string {
  const what = given === undefined || given === null ? "nothing" : JSON.stringify(given);
  return `Cannot use ${what} for ${option}: expected ${expected}.`;
}
