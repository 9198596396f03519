import type { Formula } from "./formula.ts";
import { seriesOperator } from "./operators.ts";

/** What one stage of a set of formulas reads, computes and gives. Odd stages see one symbol, even ones one moment. */
export interface StagePlan {
  /** Columns of the bars that it reads. */
  readonly columns: readonly string[];
  /** Formulas that it reads from earlier stages, by the stage that gives them. */
  readonly imports: ReadonlyMap<number, readonly Formula[]>;
  readonly outputs: readonly Formula[];
  /** Bars before a row that what is computed here depends on. */
  readonly lookBack: number;
}

/**
 * Divides formulas over stages that alternate between the symbols and the moments: stage 1 sees one symbol at a time,
 * stage 2 all symbols of a moment, and so on up to `last`, which is odd and gives the formulas themselves. A stage reads
 * bars, and from earlier stages what it cannot compute itself; everything else it computes from these, even where an
 * earlier stage did so too: a computation is cheaper than a column.
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

/** The earliest stage at which a formula's value is there; 0 for what every stage has from the bars. */
export function stageOf(formula: Formula): number {
  if (formula.kind === "number" || formula.kind === "column") return 0;
  const from = Math.max(...formula.operands.map(stageOf));
  if (formula.kind === "each") return from;
  const wantsOdd = formula.kind === "series";
  const isThere = from > 0 && (from % 2 === 1) === wantsOdd;
  return isThere ? from : wantsOdd ? Math.max(from, 0) + 1 : from === 0 ? 2 : from + 1;
}

/** Whether a stage reads the formula from an earlier one, which sees the other half of the market's table. */
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
