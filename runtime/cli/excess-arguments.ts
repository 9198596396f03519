import { QuiverError } from "../../shared/errors/index.ts";
import type { SelectionOptions } from "./selection-options.ts";

/** Refuses words after the function's name. Most often they are symbols, which should be separated by commas. */
export function refuseMoreThanAFunction([name, ...rest]: readonly string[], more = ""): void {
  if (name === undefined || rest.length === 0) return;
  throw new QuiverError(
    "request-malformed",
    `Cannot take ${words(rest)} beside ${JSON.stringify(name)}: expected one function. ` +
      `Name a dataset with --dataset; separate symbols with commas, for example --symbols AAPL,MSFT.${more}`,
    { given: rest },
  );
}

/** Returns the function's name, which only `--all` may leave out. */
export function oneFunction([name]: readonly string[]): string {
  if (name !== undefined) return name;
  throw new QuiverError(
    "request-malformed",
    "No function given: expected the name of one, or --all for every function that fits the dataset.",
    { field: "function" },
  );
}

/** Refuses options that apply to a single function, which `--all` would otherwise ignore silently. */
export function refuseOfOneFunction(options: SelectionOptions & { readonly as?: string }): void {
  const { as, param, params, symbols, symbolsSql, from, to, input } = options;
  const given = Object.entries({
    "--as": as,
    "--param": param,
    "--params": params,
    "--symbols": symbols,
    "--symbols-sql": symbolsSql,
    "--from": from,
    "--to": to,
    "--input": input,
  }).find(([, value]) => value !== undefined);
  if (given === undefined) return;
  throw new QuiverError(
    "request-malformed",
    `Cannot use ${given[0]} with --all: it applies to a single function. Publish that one by itself, "quiver publish <function> ${given[0]} …".`,
    { field: given[0], given: given[1] },
  );
}

export function refuseOfMany({ labels }: { readonly labels?: boolean }): void {
  if (labels !== true) return;
  throw new QuiverError(
    "request-malformed",
    "Cannot use --labels without --all: naming a label already publishes it.",
    { field: "--labels" },
  );
}

/** Refuses words after the query: it was not quoted, so the shell split it. */
export function refuseMoreThanAQuery([query, ...rest]: readonly string[]): void {
  if (query === undefined || rest.length === 0) return;
  throw new QuiverError(
    "request-malformed",
    `Cannot take ${words(rest)} beside the query ${JSON.stringify(query)}: expected one text. ` +
      'Put the whole query in quotes, for example quiver sql "select * from demo.bars limit 5".',
    { given: rest },
  );
}

function words(rest: readonly string[]): string {
  const shown = rest.slice(0, 3).map((word) => JSON.stringify(word));
  return rest.length > 3 ? `${shown.join(", ")} and ${rest.length - 3} more words` : shown.join(" and ");
}
