import { columnOf, crossOf, eachOf, type Formula, numberOf, seriesOf } from "./formula.ts";
import {
  type EachOperator,
  isCrossOperator,
  isEachOperator,
  isSeriesOperator,
  operandCount,
} from "./operators.ts";

/** What a name in a formula stands for if it is not a column. */
export type Names = (name: string) => Formula | undefined;

/**
 * Parses a formula as Kakushadze writes them: `(-1 * correlation(rank(open), rank(volume), 10))`.
 *
 * Operators from the strongest binding to the weakest: `^`, unary `-`, `* /`, `+ -`, `< > ==`, `||`, `? :`. Names are
 * case-insensitive; names that `names` does not know are columns. A period that is not whole is rounded down. `min`
 * and `max` with a number apply over that many bars, otherwise row by row. Throws a SyntaxError that shows where
 * parsing stopped.
 */
export function parseFormula(text: string, names: Names = () => undefined): Formula {
  const tokens = [...text.matchAll(TOKEN)].map(([token]) => token.toLowerCase());
  let next = 0;

  function fail(expected: string): never {
    const rest = tokens.slice(next, next + 8).join(" ");
    throw new SyntaxError(
      `Cannot read the formula ${JSON.stringify(text)}: at ${JSON.stringify(rest)}, expected ${expected}.`,
    );
  }
  function take(token: string): boolean {
    if (tokens[next] !== token) return false;
    next++;
    return true;
  }
  function need(token: string): void {
    if (!take(token)) fail(JSON.stringify(token));
  }

  function choice(): Formula {
    const condition = leftToRight(LEVELS.length - 1);
    if (!take("?")) return condition;
    const then = choice();
    need(":");
    return folded("choose", condition, then, choice());
  }
  function leftToRight(level: number): Formula {
    const operators = LEVELS[level];
    if (operators === undefined) return unary();
    let left = leftToRight(level - 1);
    for (;;) {
      const operator = operators[tokens[next] ?? ""];
      if (operator === undefined) return left;
      next++;
      left = folded(operator, left, leftToRight(level - 1));
    }
  }
  function unary(): Formula {
    if (take("-")) return folded("times", numberOf(-1), unary());
    const base = primary();
    return take("^") ? folded("power", base, unary()) : base;
  }
  function primary(): Formula {
    if (take("(")) {
      const inner = choice();
      need(")");
      return inner;
    }
    const token = tokens[next] ?? "";
    if (/^[\d.]/.test(token)) {
      next++;
      return numberOf(Number(token));
    }
    if (!/^[a-z_]/.test(token)) fail("a number, a name or an opening bracket");
    next++;
    return take("(") ? call(token) : (names(token) ?? columnOf(token));
  }
  function call(name: string): Formula {
    const operands = [choice()];
    while (take(",")) operands.push(choice());
    need(")");
    const last = operands.at(-1);
    const isWindow = (name === "min" || name === "max") && last?.kind === "number";
    const operator = isWindow ? `ts_${name}` : name;
    if (isSeriesOperator(operator)) {
      if (operands.length !== operandCount(operator) + 1 || last?.kind !== "number") {
        fail(`${operandCount(operator)} operands and a number of bars in ${operator}()`);
      }
      return seriesOf(operator, Math.floor(last.value), ...operands.slice(0, -1));
    }
    if (isEachOperator(operator) || isCrossOperator(operator)) {
      if (operands.length !== operandCount(operator)) {
        fail(`${operandCount(operator)} operands in ${operator}()`);
      }
      return isEachOperator(operator) ? folded(operator, ...operands) : crossOf(operator, operands[0]!);
    }
    next -= 1;
    return fail(`an operator in place of ${operator}()`);
  }

  const formula = choice();
  if (next < tokens.length) fail("the end");
  return formula;
}

/** Folds constants: `-1 * 1` becomes a number. */
function folded(operator: EachOperator, ...operands: readonly Formula[]): Formula {
  if (operator === "times" && operands.every((operand) => operand.kind === "number")) {
    return numberOf(operands.reduce((product, operand) => product * operand.value, 1));
  }
  return eachOf(operator, ...operands);
}

const TOKEN = /\d*\.?\d+\.?|[A-Za-z_]\w*|\|\||==|[^\s]/g;

/** Binary operators by precedence, weakest last. */
const LEVELS: readonly Readonly<Record<string, EachOperator>>[] = [
  { "*": "times", "/": "over" },
  { "+": "plus", "-": "minus" },
  { "<": "less", ">": "greater", "==": "equals" },
  { "||": "or" },
];
