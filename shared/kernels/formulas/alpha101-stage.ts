import { type Column, float64 } from "../../contract/columns.ts";
import { fromFunction, type FunctionInput } from "../../contract/inputs.ts";
import { ALPHA101_FORMULAS } from "./alpha101-formulas.ts";
import { compileFormulas, type CompiledFormulas } from "./compile-formulas.ts";
import { columnOf, type Formula, seriesOf } from "./formula.ts";
import { parseFormula } from "./parse-formula.ts";
import { isImported, planStage, type StagePlan } from "./plan-stage.ts";

export interface Alpha101Params {
  readonly alphas: readonly number[];
  /** Column with the volume-weighted average price, or `typical` for (high + low + close) / 3. */
  readonly vwap: string;
  /** What `adv` averages: volume times vwap, as in the paper, or volume alone. */
  readonly adv: "money" | "shares";
  /** The function that provides the bars; empty to use the dataset's own. */
  readonly bars: string;
}

type Float64 = Column<"float64", false>;
type Floats = Readonly<Record<string, Float64>>;
type FloatViews = Readonly<Record<string, Readonly<Record<string, Float64Array>>>>;

/** One stage of the alphas, as the parts of a feature's definition. */
export interface Alpha101Stage {
  readonly inputs: (params: Alpha101Params) => Readonly<Record<string, Floats | FunctionInput<Floats>>>;
  readonly outputs: (params: Alpha101Params) => Floats;
  readonly lookBack: (params: Alpha101Params) => number;
  readonly run: (
    inputs: FloatViews,
    out: Readonly<Record<string, Float64Array>>,
    unit: { readonly params: Alpha101Params; readonly rowCount: number; readonly ordinal: number },
  ) => void;
}

/** The functions that compute the stages, alternating between symbols and moments; the last computes the alphas. */
const STAGE_FUNCTIONS = [
  "alpha101-terms",
  "alpha101-ranks",
  "alpha101-series",
  "alpha101-reranks",
  "alpha101",
];

/** The numbers of the available alphas. */
export const alpha101Numbers: readonly number[] = Object.keys(ALPHA101_FORMULAS).map(Number);

/** Stage 1 to 5. The requested alphas determine what each stage reads, computes and outputs. */
export function alpha101Stage(stage: number): Alpha101Stage {
  const last = STAGE_FUNCTIONS.length;
  // A handler is called with the same parameters for every unit, so the work that depends on them is done once.
  const known = new WeakMap<Alpha101Params, Prepared>();
  const prepared = (params: Alpha101Params): Prepared => {
    const existing = known.get(params) ?? prepare(params, stage, last);
    known.set(params, existing);
    return existing;
  };
  return {
    inputs(params) {
      const { plan } = prepared(params);
      const bars = columnsOf(plan.columns);
      const own = params.bars === "" ? bars : fromFunction(params.bars, { columns: bars });
      const imports = [...plan.imports].map(([source, wanted]) => {
        const columns = columnsOf(wanted.map(({ name }) => name));
        return [
          `stage_${source}`,
          fromFunction(STAGE_FUNCTIONS[source - 1]!, { params: { ...params }, columns }),
        ];
      });
      return { ...(plan.columns.length === 0 ? {} : { bars: own }), ...Object.fromEntries(imports) };
    },
    outputs: (params) => columnsOf([...prepared(params).outputOf.values()]),
    lookBack: (params) => prepared(params).plan.lookBack,
    run(inputs, out, unit) {
      const { compiled, outputOf } = prepared(unit.params);
      const given = (name: string) => {
        for (const columns of Object.values(inputs)) if (columns[name] !== undefined) return columns[name];
        throw new TypeError(`Cannot find ${JSON.stringify(name)} among the inputs.`);
      };
      compiled.run(given, (name) => out[outputOf.get(name)!]!, unit);
    },
  };
}

interface Prepared {
  readonly plan: StagePlan;
  readonly compiled: CompiledFormulas;
  /** The output of a formula, by the formula's name. */
  readonly outputOf: ReadonlyMap<string, string>;
}

function prepare(params: Alpha101Params, stage: number, last: number): Prepared {
  const names = meaningOf(params);
  const alphas = params.alphas.map((number) => [number, formulaOf(number, names)] as const);
  const plan = planStage(
    alphas.map(([, formula]) => formula),
    stage,
    last,
  );
  const outputOf = new Map(plan.outputs.map(({ name }) => [name, name]));
  if (stage === last) for (const [number, { name }] of alphas) outputOf.set(name, `alpha${number}`);
  const compiled = compileFormulas(plan.outputs, (formula) => isImported(formula, stage));
  return { plan, compiled, outputOf };
}

function formulaOf(number: number, names: (name: string) => Formula | undefined): Formula {
  const text = ALPHA101_FORMULAS[number];
  if (text === undefined) {
    throw new RangeError(`Cannot compute alpha ${number}: there are ${alpha101Numbers.join(", ")}.`);
  }
  return parseFormula(text, names);
}

/** The meaning of names in the formulas that are not columns: returns, vwap and average daily volumes. */
function meaningOf({ vwap, adv }: Alpha101Params): (name: string) => Formula | undefined {
  const average = vwap === "typical" ? parseFormula("(high + low + close) / 3") : columnOf(vwap);
  const traded = adv === "shares" ? "volume" : "vwap * volume";
  const names = (name: string): Formula | undefined => {
    if (name === "vwap") return average;
    if (name === "returns") return parseFormula("close / delay(close, 1) - 1");
    const days = /^adv(\d+)$/.exec(name)?.[1];
    if (days === undefined) return undefined;
    return seriesOf("mean", Number(days), parseFormula(traded, names));
  };
  return names;
}

function columnsOf(names: readonly string[]): Floats {
  return Object.fromEntries(names.map((name) => [name, float64]));
}
