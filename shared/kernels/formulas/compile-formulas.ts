import type { Formula } from "./formula.ts";
import { crossOperator, eachOperator, seriesOperator } from "./operators.ts";

/** Formulas made ready to be computed for unit after unit. */
export interface CompiledFormulas {
  /**
   * Writes each formula into the array of its name. `given` holds the arrays of columns and of what is not computed here;
   * `ordinal` is the absolute ordinal of row 0. One allocation, however many formulas.
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
  /** Where its result stands: a slot of the scratch memory, or -1 for what is given. */
  slot: number;
}

/** Each different part of the formulas becomes one step; `isGiven` says which are not computed but given. */
export function compileFormulas(
  formulas: readonly Formula[],
  isGiven: (formula: Formula) => boolean,
): CompiledFormulas {
  const steps = stepsOf(formulas, isGiven);
  const results = formulas.map((formula) => steps.findIndex((step) => step.formula.name === formula.name));
  const slotCount = assignSlots(steps, new Set(results));
  return {
    run(given, out, { rowCount, ordinal }) {
      const memory = new Float64Array((slotCount + 1) * rowCount);
      const slot = (number: number) => memory.subarray(number * rowCount, (number + 1) * rowCount);
      const scratch = slot(slotCount);
      const values = steps.map((step) => (step.slot < 0 ? given(step.formula.name) : slot(step.slot)));
      steps.forEach((step, i) => {
        if (step.slot >= 0) compute(step, values[i]!, values, ordinal, scratch);
      });
      formulas.forEach((formula, i) => out(formula.name).set(values[results[i]!]!));
    },
  };
}

function compute(
  { formula, operands }: Step,
  out: Float64Array,
  values: readonly Float64Array[],
  ordinal: number,
  scratch: Float64Array,
): void {
  // Operators look at no more operands than they have.
  const [x = scratch, y = scratch, z = scratch] = operands.map((operand) => values[operand]!);
  switch (formula.kind) {
    case "number":
      out.fill(formula.value);
      return;
    case "each":
      eachOperator(formula.operator).run(out, x, y, z);
      return;
    case "series":
      seriesOperator(formula.operator).run(out, { period: formula.period, ordinal, scratch }, x, y);
      return;
    case "cross":
      crossOperator(formula.operator)(out, x, scratch);
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
    steps.push({ formula, operands, slot: given ? -1 : 0 });
    known.set(formula.name, steps.length - 1);
    return steps.length - 1;
  };
  formulas.forEach(visit);
  return steps;
}

/** Gives each computed step a slot that is free until its last reader is done; returns how many there are. */
function assignSlots(steps: readonly Step[], kept: ReadonlySet<number>): number {
  const lastUse = steps.map((_, i) => (kept.has(i) ? Infinity : i));
  steps.forEach((step, i) => {
    for (const operand of step.operands) lastUse[operand] = Math.max(lastUse[operand]!, i);
  });
  const free: number[] = [];
  let count = 0;
  steps.forEach((step, i) => {
    if (step.slot >= 0) step.slot = free.pop() ?? count++;
    for (const operand of new Set(step.operands)) {
      const { slot } = steps[operand]!;
      if (slot >= 0 && lastUse[operand] === i) free.push(slot);
    }
  });
  return count;
}
