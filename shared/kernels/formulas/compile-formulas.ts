import type { Formula } from "./formula.ts";
import { crossOperator, eachOperator, seriesOperator } from "./operators.ts";
import { createRankOnGrid, type RankOnGrid } from "./rank-on-grid.ts";

/** Formulas made ready to be computed for unit after unit. */
export interface CompiledFormulas {
  /**
   * Writes each formula into the array of its name. `given` holds the arrays of columns and of what is not computed here;
   * `ordinal` is the absolute ordinal of row 0. The memory that intermediate results need is kept for the next unit.
   */
  run(
    given: (name: string) => Float64Array,
    out: (name: string) => Float64Array,
    unit: { readonly rowCount: number; readonly ordinal: number },
  ): void;
}

interface Step {
  readonly formula: Formula;
  /** Steps whose results it reads. */
  readonly operands: readonly number[];
  /** Where its result stands: a slot of the memory kept, or one of the places below. */
  place: number;
}

/** Places of results that have no slot. */
const GIVEN = -1;
const OUTPUT = -2;

/** Each different part of the formulas becomes one step; `isGiven` says which are not computed but given. */
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

  /** A fresh array for each unit would be a hundred times its rows: as much time in getting zeroed memory as in sums. */
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
      // What is given, or a number, is an output only where a formula is nothing else.
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
  // Operators look at no more operands than they have.
  const x = values[operands[0] ?? -1] ?? scratch;
  const y = values[operands[1] ?? -1] ?? scratch;
  const z = values[operands[2] ?? -1] ?? scratch;
  switch (formula.kind) {
    case "number":
      // Stands in a slot of its own since memory was reserved.
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

/** Gives each computed step its output, or a slot that is free until its last reader is done; returns how many there are. */
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
