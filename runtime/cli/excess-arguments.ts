import { QuiverError } from "../../shared/errors/index.ts";

/** Refuses words after the function's name: most often they are symbols, which stand together with commas. */
export function refuseMoreThanAFunction([name, ...rest]: readonly string[]): void {
  if (name === undefined || rest.length === 0) return;
  throw new QuiverError(
    "request-malformed",
    `Cannot take ${words(rest)} beside ${JSON.stringify(name)}: expected one function. ` +
      "Several symbols stand together with commas, for example --symbols AAPL,MSFT.",
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
