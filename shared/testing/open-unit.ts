import type { Clock, HandlerContext } from "../contract/definition.ts";
import {
  type AnyDefined,
  definitionProblem,
  describeFunction,
  paramRefusal,
  type ResolvedFunction,
  resolveFunction,
} from "../contract/describe.ts";
import type { Inputs, InputViews } from "../contract/inputs.ts";
import { didYouMean } from "../errors/index.ts";
import { deepFreeze } from "../handler/deep-freeze.ts";
import { WarningCounts } from "../handler/warning-counts.ts";
import { parseDate } from "../time/index.ts";
import type { ColumnGiven, UnitGiven } from "./unit-given.ts";
import { viewOfGiven } from "./view-of-given.ts";

/** A unit that a handler can be called with, and the resolved function. */
export interface OpenUnit {
  readonly resolved: ResolvedFunction;
  readonly inputs: InputViews<Inputs>;
  readonly context: HandlerContext;
  readonly warnings: WarningCounts;
  /** Describes the unit in an error message. */
  readonly name: string;
}

/** Checks what a test gives against what the function declares, as the runtime checks a request and a dataset. */
export function openUnit(defined: AnyDefined, given: UnitGiven): OpenUnit {
  const description = describeFunction(defined);
  const resolved = resolve(defined, given.params ?? {});
  const problem = definitionProblem(description, resolved);
  if (problem !== undefined) throw new TypeError(`Cannot run this function: it ${problem}.`);
  const rowCount = rowCountOf(resolved, given);
  const parsed = defined.params.safeParse(given.params ?? {});
  const warnings = new WarningCounts();
  const { symbol = "TEST", ordinal = 0 } = given;
  const isSymbol = description.partition === "symbol";
  const context: HandlerContext = {
    params: deepFreeze(parsed.data ?? {}),
    symbol: isSymbol ? symbol : "",
    ...(isSymbol ? {} : { symbols: symbolsOf(given.symbols, rowCount) }),
    ts: timesOf(given.ts, rowCount),
    ordinal,
    rowCount,
    clock: { ...DAILY_UTC, ...given.clock },
    state: stateOf(given.state, resolved.stateLength),
    warn: (message) => warnings.add(message),
  };
  const name = isSymbol ? `symbol ${JSON.stringify(symbol)}` : `the ${description.partition}`;
  return { resolved, inputs: viewsOf(resolved, given), context, warnings, name };
}

const DAILY_UTC: Clock = {
  timezone: "UTC",
  stamp: "start",
  intervalSeconds: 86_400,
  sessions: [],
  holidays: [],
  halfDays: [],
  utcOffsets: [{ fromMicros: 0, offsetSeconds: 0 }],
};

/** 2024-01-01. */
const FIRST_DAY = 19_723;

function resolve(defined: AnyDefined, params: Readonly<Record<string, unknown>>): ResolvedFunction {
  const known = Object.keys(defined.params.shape);
  const unknown = Object.keys(params).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const have = known.length === 0 ? "it has none" : `it has ${known.join(", ")}`;
    throw new TypeError(
      `Cannot find the parameter ${JSON.stringify(unknown)}: ${have}.${didYouMean(unknown, known)}`,
    );
  }
  const resolution = resolveFunction(defined, params);
  if (resolution.ok) return resolution.resolved;
  throw new TypeError(resolution.issues.map((issue) => paramRefusal(issue)).join("\n"));
}

/** The common length of all columns. Refuses missing, undeclared and unequal columns. */
function rowCountOf({ inputs }: ResolvedFunction, given: UnitGiven): number {
  refuseOthers(
    (name) => `the input ${name}`,
    Object.keys(given.inputs),
    inputs.map((input) => input.name),
  );
  const lengths = new Map<string, number>();
  for (const { name, columns } of inputs) {
    const columnsGiven: Readonly<Record<string, ColumnGiven>> = given.inputs[name] ?? {};
    refuseOthers(
      (column) => `the column ${column} of the input ${JSON.stringify(name)}`,
      Object.keys(columnsGiven),
      columns.map((column) => column.name),
    );
    for (const [column, values] of Object.entries(columnsGiven))
      lengths.set(`${name}.${column}`, values.length);
  }
  if (new Set(lengths.values()).size > 1) {
    const each = Array.from(lengths, ([name, length]) => `${name}: ${length}`).join(", ");
    throw new TypeError(`Cannot run on columns of different lengths (${each}).`);
  }
  return lengths.values().next().value ?? 0;
}

function refuseOthers(
  what: (name: string) => string,
  given: readonly string[],
  declared: readonly string[],
): void {
  const expected = `expected ${declared.join(", ")}`;
  const unknown = given.find((name) => !declared.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(
      `Cannot use ${what(JSON.stringify(unknown))}: the function does not declare it, ${expected}.${didYouMean(unknown, declared)}`,
    );
  }
  const missing = declared.find((name) => !given.includes(name));
  if (missing !== undefined)
    throw new TypeError(`Cannot run without ${what(JSON.stringify(missing))}: ${expected}.`);
}

function viewsOf({ inputs }: ResolvedFunction, given: UnitGiven): InputViews<Inputs> {
  const views = inputs.map(({ name, columns }) => {
    const made = columns.map((column) => {
      const values = given.inputs[name]?.[column.name] ?? [];
      return [column.name, viewOfGiven(column, values, `${name}.${column.name}`)] as const;
    });
    return [name, Object.fromEntries(made)] as const;
  });
  // Built from the same declarations from which the handler's types were inferred.
  return Object.fromEntries(views) as InputViews<Inputs>;
}

function symbolsOf(given: readonly string[] | undefined, rowCount: number) {
  if (given?.length !== rowCount) {
    throw new TypeError(
      `Cannot run a unit of several symbols without \`symbols\`: expected the symbol of each of ${rowCount} rows, ` +
        `got ${given?.length ?? "none"}.`,
    );
  }
  const labels = [...new Set(given)].toSorted();
  return { codes: Int32Array.from(given, (symbol) => labels.indexOf(symbol)), labels };
}

function timesOf(given: UnitGiven["ts"], rowCount: number): Int32Array | BigInt64Array {
  if (given === undefined) return Int32Array.from({ length: rowCount }, (_, row) => FIRST_DAY + row);
  if (given.length !== rowCount) {
    throw new TypeError(`Cannot run on ${rowCount} rows with ${given.length} times in \`ts\`.`);
  }
  if (given instanceof Int32Array || given instanceof BigInt64Array) return given;
  const days = given.map(parseDate);
  if (days.every((day) => day !== undefined)) return Int32Array.from(days);
  return BigInt64Array.from(given, (text) => {
    const milliseconds = Date.parse(text);
    if (!Number.isNaN(milliseconds) && /(Z|[+-]\d\d:?\d\d)$/.test(text)) return BigInt(milliseconds) * 1000n;
    throw new TypeError(
      `Cannot use ${JSON.stringify(text)} in \`ts\`: expected only dates, or only times with a zone ("2024-01-02T14:30:00Z").`,
    );
  });
}

function stateOf(given: Float64Array | undefined, stateLength: number): Float64Array {
  const state = given ?? new Float64Array(stateLength);
  if (state.length === stateLength) return state;
  throw new TypeError(
    `Cannot resume from a state of ${state.length} doubles: the function declares ${stateLength}.`,
  );
}
