import type { Formula } from "./formula.ts";
import { crossOperator, eachOperator, seriesOperator } from "./operators.ts";
import { createRankOnGrid, type RankOnGrid } from "./rank-on-grid.ts";

/** Formulas compiled for evaluation on one unit after another. */
export interface CompiledFormulas {
  /**
   * Writes each formula into the array of its name. `given` holds the arrays of columns and of everything that is not
   * computed here; `ordinal` is the absolute ordinal of row 0. Memory for intermediate results is kept for the next
   * unit.
   */
  run(
    given: (name: string) => Float64Array,
    out: (name: string) => Float64Array,
    unit: { readonly rowCount: number; readonly ordinal: number },
  ): void;
}

interface Step {
  readonly formula: Formula;
  /** The steps whose results it reads. */
  readonly operands: readonly number[];
  /** Where its result is stored: a slot of the kept memory, or one of the special places below. */
  place: number;
}

/** Places for results without a slot. */
const GIVEN = -1;
const OUTPUT = -2;

/** Turns each distinct subexpression into one step. `isGiven` tells which are given rather than computed. */
export function compileFormulas(
  formulas: readonly Formula[],
  isGiven: (formula: Formula) => boolean,
): CompiledFormulas {
  const steps = stepsOf(formulas, isGiven);
  const results = formulas.map((formula) => steps.findIndex((step) => step.formula.name === formula.name));
  const slotCount = assignPlaces(steps, new Set(results));
  const rank = createRankOnGrid();
  let capacity = 0;
  let memory = new Float64Array(0);

  const slot = (number: number, rowCount: number) =>
    memory.subarray(number * capacity, number * capacity + rowCount);

  /**
   * Reuses memory: fresh arrays for each unit would need a hundred times the unit's rows, and zeroing that memory
   * would take as long as the sums.
   */
  function reserve(rowCount: number): void {
    if (rowCount <= capacity) return;
    capacity = Math.max(rowCount, 2 * capacity);
    memory = new Float64Array((slotCount + 1) * capacity);
    for (const { formula, place } of steps) {
      if (formula.kind === "number") slot(place, capacity).fill(formula.value);
    }
  }

  return {
    run(given, out, { rowCount, ordinal }) {
      reserve(rowCount);
      const tools = { ordinal, scratch: slot(slotCount, rowCount), rank };
      const outputs = formulas.map(({ name }) => out(name));
      const values = steps.map(({ formula, place }, i) => {
        if (place === GIVEN) return given(formula.name);
        return place === OUTPUT ? outputs[results.indexOf(i)]! : slot(place, rowCount);
      });
      steps.forEach((step, i) => {
        if (step.place !== GIVEN) compute(step, values[i]!, values, tools);
      });
      // A given column or a number is an output only when a formula consists of nothing else.
      outputs.forEach((output, i) => {
        const value = values[results[i]!]!;
        if (value !== output) output.set(value);
      });
    },
  };
}

interface Tools {
  readonly ordinal: number;
  readonly scratch: Float64Array;
  readonly rank: RankOnGrid;
}

function compute(
  { formula, operands }: Step,
  out: Float64Array,
  values: readonly Float64Array[],
  { ordinal, scratch, rank }: Tools,
): void {
  // Operators read no more operands than they have.
  const x = values[operands[0] ?? -1] ?? scratch;
  const y = values[operands[1] ?? -1] ?? scratch;
  const z = values[operands[2] ?? -1] ?? scratch;
  switch (formula.kind) {
    case "number":
      // It already has a slot of its own, filled when memory was reserved.
      return;
    case "each":
      eachOperator(formula.operator).run(out, x, y, z);
      return;
    case "series":
      seriesOperator(formula.operator).run(out, { period: formula.period, ordinal, scratch }, x, y);
      return;
    case "cross":
      crossOperator(formula.operator)(out, x, rank);
      return;
    case "column":
      throw new TypeError(
        `Cannot compute the column ${JSON.stringify(formula.name)}: it is given or missing.`,
      );
  }
}

function stepsOf(formulas: readonly Formula[], isGiven: (formula: Formula) => boolean): Step[] {
  const steps: Step[] = [];
  const known = new Map<string, number>();
  const visit = (formula: Formula): number => {
    const existing = known.get(formula.name);
    if (existing !== undefined) return existing;
    const given = isGiven(formula) || formula.kind === "column";
    const isLeaf = given || formula.kind === "number";
    const operands = isLeaf ? [] : formula.operands.map(visit);
    steps.push({ formula, operands, place: given ? GIVEN : 0 });
    known.set(formula.name, steps.length - 1);
    return steps.length - 1;
  };
  formulas.forEach(visit);
  return steps;
}

/**
 * Assigns each computed step its output, or a slot that is free until its last reader is done. Returns the number of
 * slots.
 */
function assignPlaces(steps: readonly Step[], results: ReadonlySet<number>): number {
  const lastUse = steps.map((_, i) => i);
  steps.forEach((step, i) => {
    for (const operand of step.operands) lastUse[operand] = i;
  });
  const free: number[] = [];
  let count = 0;
  steps.forEach((step, i) => {
    if (step.place !== GIVEN) {
      if (step.formula.kind === "number") step.place = count++;
      else step.place = results.has(i) ? OUTPUT : (free.pop() ?? count++);
    }
    for (const operand of new Set(step.operands)) {
      const { place, formula } = steps[operand]!;
      if (place >= 0 && formula.kind !== "number" && lastUse[operand] === i) free.push(place);
    }
  });
  return count;
}
