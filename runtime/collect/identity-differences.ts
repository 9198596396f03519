import { canonicalJson } from "../../shared/canonical-json.ts";
import type { Lineage } from "../store/manifest.ts";

/** One difference between two publishes under the same name, as data and as the middle of a sentence. */
export interface IdentityDifference {
  /** `function`, `params.period`, `inputs.bars` or `symbols`. */
  readonly key: string;
  readonly was: unknown;
  readonly is: unknown;
  readonly text: string;
  /** The same difference, phrased as a change over time. */
  readonly changeText: string;
}

/**
 * Lists the differences in what a feature set fixes. Its versions may differ in code, data, time range and moment.
 * If the functions differ, so do their parameters and inputs, which are then left out.
 */
export function identityDifferences(was: Lineage, is: Lineage): IdentityDifference[] {
  if (was.function !== is.function) {
    return [difference("function", "function", was.function, is.function, shown)];
  }
  return [
    ...keysOf(was.params, is.params).map((name) =>
      difference(
        `params.${name}`,
        `parameter ${JSON.stringify(name)}`,
        was.params[name],
        is.params[name],
        shown,
      ),
    ),
    ...inputDifferences(bindingsOf(was), bindingsOf(is)),
    difference("symbols", "selection of symbols", was.symbols, is.symbols, shownSymbols),
  ].filter((one) => shown(one.was) !== shown(one.is));
}

function inputDifferences(
  was: Readonly<Record<string, unknown>>,
  is: Readonly<Record<string, unknown>>,
): IdentityDifference[] {
  return keysOf(was, is).map((name) =>
    difference(`inputs.${name}`, `input ${JSON.stringify(name)}`, was[name], is[name], shown),
  );
}

/** What each input is bound to. */
function bindingsOf({ inputs }: Lineage): Record<string, unknown> {
  return Object.fromEntries(
    inputs.map(({ input, dataset, function: upstream, params }) => [
      input,
      upstream === undefined ? { dataset } : { function: upstream, params },
    ]),
  );
}

function difference(
  key: string,
  what: string,
  was: unknown,
  is: unknown,
  show: (value: unknown) => string,
): IdentityDifference {
  const text = `the ${what} is ${show(was)} there and ${show(is)} here`;
  return { key, was, is, text, changeText: `the ${what} was ${show(was)}, would be ${show(is)}` };
}

function keysOf(...objects: readonly Readonly<Record<string, unknown>>[]): string[] {
  return [...new Set(objects.flatMap((object) => Object.keys(object)))];
}

function shown(value: unknown): string {
  return value === undefined ? "absent" : canonicalJson(value);
}

/** Enough to recognise a list. */
const SYMBOLS_SHOWN_MAX = 5;

function shownSymbols(symbols: unknown): string {
  if (!Array.isArray(symbols)) return "all of them";
  const listed = symbols.slice(0, SYMBOLS_SHOWN_MAX).join(", ");
  const more = symbols.length - SYMBOLS_SHOWN_MAX;
  return more > 0 ? `${listed} and ${more} more` : listed;
}
