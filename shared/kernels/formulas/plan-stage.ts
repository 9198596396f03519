import type { Formula } from "./formula.ts";
import { seriesOperator } from "./operators.ts";

/**
 * What one stage of a set of formulas reads, computes and outputs. Odd stages see one symbol, even stages one moment.
 */
export interface StagePlan {
  /** The columns of the bars that it reads. */
  readonly columns: readonly string[];
  /** The formulas that it reads from earlier stages, keyed by the stage that computes them. */
  readonly imports: ReadonlyMap<number, readonly Formula[]>;
  readonly outputs: readonly Formula[];
  /** Number of bars before a row that the values computed here depend on. */
  readonly lookBack: number;
}

/**
 * Divides formulas into stages that alternate between symbols and moments: stage 1 sees one symbol at a time, stage 2
 * all symbols of one moment, and so on up to `last`, which is odd and outputs the formulas themselves. A stage reads
 * bars, and from earlier stages whatever it cannot compute itself. It computes everything else, even if an earlier
 * stage did so too, because computing is cheaper than passing a column on.
 */
export function planStage(formulas: readonly Formula[], stage: number, last: number): StagePlan {
  const outputs = new Map<number, Map<string, Formula>>();
  for (let at = 1; at <= last; at++) outputs.set(at, new Map());
  for (const formula of formulas) {
    if (stageOf(formula) > last) {
      throw new RangeError(
        `Cannot compute ${formula.name} in ${last} stages: it takes ${stageOf(formula)} of them.`,
      );
    }
    outputs.get(last)!.set(formula.name, formula);
  }
  let plan = readsOf([...outputs.get(last)!.values()], last);
  for (let at = last; at > stage;) {
    for (const [source, wanted] of plan.imports) {
      for (const formula of wanted) outputs.get(source)!.set(formula.name, formula);
    }
    at--;
    plan = readsOf([...outputs.get(at)!.values()], at);
  }
  return plan;
}

/** The earliest stage at which a formula's value is available; 0 if every stage has it from the bars. */
export function stageOf(formula: Formula): number {
  if (formula.kind === "number" || formula.kind === "column") return 0;
  const from = Math.max(...formula.operands.map(stageOf));
  if (formula.kind === "each") return from;
  const wantsOdd = formula.kind === "series";
  const isThere = from > 0 && (from % 2 === 1) === wantsOdd;
  return isThere ? from : wantsOdd ? Math.max(from, 0) + 1 : from === 0 ? 2 : from + 1;
}

/** Whether a stage must read the formula from an earlier stage because it needs the other view of the market. */
export function isImported(formula: Formula, stage: number): boolean {
  const at = stageOf(formula);
  return at > 0 && at % 2 !== stage % 2;
}

function readsOf(outputs: readonly Formula[], stage: number): StagePlan {
  const columns = new Set<string>();
  const imports = new Map<number, Map<string, Formula>>();
  const lookBacks = new Map<string, number>();

  function visit(formula: Formula): number {
    const known = lookBacks.get(formula.name);
    if (known !== undefined) return known;
    const lookBack = read(formula);
    lookBacks.set(formula.name, lookBack);
    return lookBack;
  }
  function read(formula: Formula): number {
    if (formula.kind === "number") return 0;
    if (formula.kind === "column") {
      columns.add(formula.name);
      return 0;
    }
    if (isImported(formula, stage)) {
      const source = stageOf(formula);
      if (!imports.has(source)) imports.set(source, new Map());
      imports.get(source)!.set(formula.name, formula);
      return 0;
    }
    const own = formula.kind === "series" ? seriesOperator(formula.operator).lookBack(formula.period) : 0;
    return own + Math.max(...formula.operands.map(visit));
  }

  const lookBack = Math.max(0, ...outputs.map(visit));
  return {
    columns: [...columns].toSorted(),
    imports: new Map([...imports].map(([source, wanted]) => [source, [...wanted.values()]])),
    outputs,
    lookBack,
  };
}
