import type { CrossOperator, EachOperator, SeriesOperator } from "./operators.ts";

/** A formula over columns of bars; equal formulas have equal names. */
export type Formula =
  | { readonly kind: "number"; readonly name: string; readonly value: number }
  | { readonly kind: "column"; readonly name: string }
  | {
      readonly kind: "each";
      readonly name: string;
      readonly operator: EachOperator;
      readonly operands: readonly Formula[];
    }
  | {
      readonly kind: "series";
      readonly name: string;
      readonly operator: SeriesOperator;
      readonly operands: readonly Formula[];
      readonly period: number;
    }
  | {
      readonly kind: "cross";
      readonly name: string;
      readonly operator: CrossOperator;
      readonly operands: readonly Formula[];
    };

/** A number, the same in every row. */
export function numberOf(value: number): Formula {
  const text = String(value).replace("-", "m").replace(".", "p");
  return { kind: "number", name: text, value };
}

/** A column of the bars. */
export function columnOf(name: string): Formula {
  return { kind: "column", name };
}

/** An operation on single rows. */
export function eachOf(operator: EachOperator, ...operands: readonly Formula[]): Formula {
  return { kind: "each", name: nameOf(operator, operands), operator, operands };
}

/** An operation over the last bars of one symbol. */
export function seriesOf(operator: SeriesOperator, period: number, ...operands: readonly Formula[]): Formula {
  const name = nameOf(operator, [...operands, numberOf(period)]);
  return { kind: "series", name, operator, operands, period };
}

/**
 * An operation over all symbols at one moment. A rank of a rank is that rank: neither the order nor the members
 * change.
 */
export function crossOf(operator: CrossOperator, operand: Formula): Formula {
  if (operator === "rank" && operand.kind === "cross" && operand.operator === "rank") return operand;
  return { kind: "cross", name: nameOf(operator, [operand]), operator, operands: [operand] };
}

/** Longer names are cut and end in a checksum of the whole name, because they become file names. */
const NAME_LENGTH_MAX = 100;

/** Operators precede their operands and take a fixed number of them, so names need no brackets. */
function nameOf(operator: string, operands: readonly Formula[]): string {
  const name = [operator, ...operands.map((operand) => operand.name)].join("_");
  if (name.length <= NAME_LENGTH_MAX) return name;
  let checksum = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) checksum = Math.imul(checksum ^ name.charCodeAt(i), 0x01000193) >>> 0;
  return `${name.slice(0, NAME_LENGTH_MAX - 9)}_${checksum.toString(16).padStart(8, "0")}`;
}
