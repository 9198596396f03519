/** The first place at which a text stops being JSON; line and column count from 1. */
export interface JsonFault {
  readonly line: number;
  readonly column: number;
  /** The text at that place, completing "expected …, found …". */
  readonly found: string;
  readonly expected: string;
}

/**
 * Finds where a text stops being JSON; undefined if it is JSON. The runtimes' parsers word this differently, one of
 * them without a place. Walks the tokens with a stack of open brackets, so depth costs nothing.
 */
export function findJsonFault(text: string): JsonFault | undefined {
  const token =
    /[ \t\n\r]*(?:("(?:[^"\\]|\\[^])*")|([{}[\],:])|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-]))/y;
  const open: ("{" | "[")[] = [];
  let state: State = "value";
  for (let at = 0; ; at = token.lastIndex) {
    token.lastIndex = at;
    const match = token.exec(text);
    const rest = /\S/.exec(text.slice(at))?.index;
    const start = rest === undefined ? text.length : at + rest;
    if (match === null || (match[1] !== undefined && !isText(match[1]))) {
      if (rest === undefined && state === "end") return undefined;
      return faultAt(text, start, state, open.at(-1));
    }
    const next = step(state, match[2] ?? (match[1] === undefined ? "literal" : "text"), open);
    if (next === undefined) return faultAt(text, start, state, open.at(-1));
    state = next;
  }
}

/** A quoted token may still contain a bare line break or an invalid escape. */
function isText(token: string): boolean {
  try {
    return typeof JSON.parse(token) === "string";
  } catch {
    return false;
  }
}

/** What may come next: a value, the first of a list, the first name of an object, a name, a colon, more or a close. */
type State = "value" | "value or ]" | "name or }" | "name" | "colon" | "more" | "end";

function step(state: State, token: string, open: ("{" | "[")[]): State | undefined {
  const after = (): State => (open.length === 0 ? "end" : "more");
  const close = (bracket: "{" | "["): State | undefined => {
    if (open.at(-1) !== bracket) return undefined;
    open.pop();
    return after();
  };
  switch (state) {
    case "value":
    case "value or ]":
      if (token === "]" && state === "value or ]") return close("[");
      if (token === "{" || token === "[") {
        open.push(token);
        return token === "{" ? "name or }" : "value or ]";
      }
      return token === "text" || token === "literal" ? after() : undefined;
    case "name":
    case "name or }":
      if (token === "}" && state === "name or }") return close("{");
      return token === "text" ? "colon" : undefined;
    case "colon":
      return token === ":" ? "value" : undefined;
    case "more":
      if (token === ",") return open.at(-1) === "{" ? "name" : "value";
      return token === "}" ? close("{") : token === "]" ? close("[") : undefined;
    case "end":
      return undefined;
  }
}

function faultAt(text: string, at: number, state: State, open: "{" | "[" | undefined): JsonFault {
  const before = text.slice(0, at).split("\n");
  const close = open === "{" ? "}" : "]";
  const expected = {
    value: "a value",
    "value or ]": 'a value or "]"',
    name: "a name in double quotes",
    "name or }": 'a name in double quotes or "}"',
    colon: '":"',
    more: `"," or "${close}"`,
    end: "nothing more",
  }[state];
  const word = /^(?:[\w.+-]+|.)/u.exec(text.slice(at))?.[0];
  const found = word === undefined ? "the end" : word.length > 20 ? `${word.slice(0, 20)}…` : word;
  return { line: before.length, column: (before.at(-1) ?? "").length + 1, expected, found };
}
