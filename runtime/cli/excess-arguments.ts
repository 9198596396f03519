import { QuiverError } from "../../shared/errors/index.ts";
import type { SelectionOptions } from "./selection-options.ts";

/** Refuses words after the function's name: most often they are symbols, which stand together with commas. */
export function refuseMoreThanAFunction([name, ...rest]: readonly string[], more = ""): void {
  if (name === undefined || rest.length === 0) return;
  throw new QuiverError(
    "request-malformed",
    `Cannot take ${words(rest)} beside ${JSON.stringify(name)}: expected one function. ` +
      `A dataset is named with --dataset; several symbols stand together with commas, for example --symbols AAPL,MSFT.${more}`,
    { given: rest },
  );
}

/** The one function of a command that also takes none, with `--all`. */
export function oneFunction([name]: readonly string[]): string {
  if (name !== undefined) return name;
  throw new QuiverError(
    "request-malformed",
    "Cannot publish nothing: expected the name of a function, or --all for every function that fits the dataset.",
    { field: "function" },
  );
}

/** Refuses beside `--all` what makes sense for one function alone: left out in silence it would be missed. */
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
    `Cannot use ${given[0]} with --all: it is of one function. Publish that one by itself, "quiver publish <function> ${given[0]} …".`,
    { field: given[0], given: given[1] },
  );
}

export function refuseOfMany({ labels }: { readonly labels?: boolean }): void {
  if (labels !== true) return;
  throw new QuiverError(
    "request-malformed",
    "Cannot use --labels without --all: a label that is named is published.",
    { field: "--labels" },
  );
}

/** Refuses words after the query: it was not quoted, and the shell has cut it into pieces. */
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
