import { didYouMean } from "../../shared/errors/index.ts";

/**
 * Rewords what DuckDB's binder reports about names, without its internal terms ("FROM clause", "candidate bindings",
 * "values list"). Other texts are returned unchanged. The result has no full stop unless advice follows.
 */
export function plainWords(detail: string): string {
  for (const [pattern, say] of SENTENCES) {
    const match = pattern.exec(detail);
    if (match !== null) return say(match);
  }
  return detail;
}

type Say = (match: RegExpExecArray) => string;

const SENTENCES: readonly (readonly [RegExp, Say])[] = [
  [
    /^Referenced column "(.*?)" not found in FROM clause!(?:\s*Candidate bindings: (.*))?$/s,
    ([, name = "", near]) => {
      const nearest = didYouMean(name, quoted(near));
      return `there is no column ${JSON.stringify(name)}.${nearest || ` Text is written in single quotes: '${name}'.`}`;
    },
  ],
  [
    /^(?:Values list|Table) "(.*?)" does not have a column named "(.*?)"(?:\s*Candidate bindings: :?\s*(.*))?$/s,
    ([, table = "", name = "", near]) =>
      `${JSON.stringify(table)} has no column ${JSON.stringify(name)}.${didYouMean(name, quoted(near))}`,
  ],
  [
    /^Referenced table "(.*?)" not found!(?:\s*Candidate tables: (.*))?$/s,
    ([, name = "", near]) => {
      const there = quoted(near);
      const have = there.length === 0 ? "" : ` Known: ${there.map((one) => JSON.stringify(one)).join(", ")}.`;
      return `no table in FROM is called ${JSON.stringify(name)}.${didYouMean(name, there) || have}`;
    },
  ],
  [
    /^Column "(.*?)" does not exist on (left|right) side of join$/,
    ([, name, side]) => `the ${side} side of the join has no column "${name}"`,
  ],
  [
    /^Column "(.*?)" in (EXCLUDE|REPLACE|RENAME) list not found in FROM clause$/,
    ([, name, what]) => `there is no column "${name}" for ${what}`,
  ],
  [
    /^Type with name (.*?) does not exist!\s*(Did you mean .*\?)?$/s,
    ([, name = "", near = ""]) => `there is no type ${JSON.stringify(name)}. ${near}`.trimEnd(),
  ],
  [
    /^No function matches the given name and argument types '(.*?)'\..*?Candidate functions:\s*(.*)$/s,
    ([, call = "", candidates = ""]) => {
      const taken = [...candidates.matchAll(/\(([^)]*)\) -> /g)].map((match) => match[1] ?? "");
      const shown = taken.slice(0, ARGUMENTS_SHOWN_MAX).join("; ");
      return `there is no ${call}. It takes ${shown}${taken.length > ARGUMENTS_SHOWN_MAX ? " and others" : ""}: convert the arguments with ::`;
    },
  ],
];

const ARGUMENTS_SHOWN_MAX = 6;

function quoted(names: string | undefined): string[] {
  return [...(names ?? "").matchAll(/"([^"]*)"/g)].map((match) => match[1] ?? "");
}
