import { defined } from "../../shared/defined.ts";
import { refusedOption } from "./refused-option.ts";

/** The options of `invoke` and `publish` that choose parameters and rows. */
export interface SelectionOptions {
  readonly dataset?: string;
  readonly params?: string;
  readonly param?: readonly string[];
  readonly symbols?: string;
  readonly symbolsSql?: string;
  readonly from?: string;
  readonly to?: string;
  readonly asOf?: string;
  readonly input?: readonly string[];
}

/** `--recompute`, which every command that runs functions takes. */
export interface RecomputeOption {
  readonly recompute?: boolean;
}

/** The headers that ask the server to recompute. */
export function recomputeHeaders({ recompute }: RecomputeOption): Readonly<Record<string, string>> {
  return recompute === true ? { "Cache-Control": "no-cache" } : {};
}

/** Turns the options into the JSON body of an invocation. */
export function selectionBody(options: SelectionOptions): Record<string, unknown> {
  const { dataset, from, to, asOf } = options;
  return defined({
    dataset,
    params: paramsOf(options),
    symbols: symbolsOf(options),
    from,
    to,
    asOf,
    inputs: inputsOf(options.input),
  });
}

function paramsOf({ params, param = [] }: SelectionOptions): Record<string, unknown> | undefined {
  if (params === undefined && param.length === 0) return undefined;
  const whole = params === undefined ? {} : jsonObject(params);
  return { ...whole, ...Object.fromEntries(param.map(keyValue)) };
}

function jsonObject(text: string): object {
  const value = jsonOr(text, undefined);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw refusedOption("--params", text, "a JSON object, for example '{\"period\": 14}'");
}

function keyValue(text: string): [string, unknown] {
  const at = text.indexOf("=");
  if (at <= 0) throw refusedOption("--param", text, 'name=value, for example "period=14"');
  const value = text.slice(at + 1);
  return [text.slice(0, at), jsonOr(value, value)];
}

function symbolsOf({ symbols, symbolsSql }: SelectionOptions): unknown {
  return symbolsSql === undefined ? namedSymbols(symbols) : { sql: symbolsSql };
}

/** The symbols that `--symbols` lists; undefined for all. */
export function namedSymbols(symbols: string | undefined): readonly string[] | undefined {
  const named = symbols
    ?.split(",")
    .map((symbol) => symbol.trim())
    .filter((symbol) => symbol !== "");
  // Most likely an empty shell variable: selecting no symbols would look like an answer.
  if (named?.length === 0)
    throw refusedOption(
      "--symbols",
      symbols ?? "",
      "symbols separated by commas; leave the option out for all symbols",
    );
  return named;
}

function inputsOf(input: readonly string[] | undefined): Record<string, unknown> | undefined {
  if (input === undefined) return undefined;
  return Object.fromEntries(
    input.map((text) => {
      const match = /^([^=]+)=(dataset|function):(.+)$/.exec(text);
      const [, name, kind, target] = match ?? [];
      if (name === undefined || kind === undefined || target === undefined) {
        throw refusedOption("--input", text, '"name=dataset:x" or "name=function:y"');
      }
      return [name, { [kind]: target }];
    }),
  );
}

function jsonOr(text: string, otherwise: unknown): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return otherwise;
  }
}
