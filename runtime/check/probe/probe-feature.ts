import { z } from "zod";
import { defined } from "../../../shared/defined.ts";
import {
  type AnyDefined,
  describeFunction,
  type ResolvedColumn,
  resolveFunction,
} from "../../../shared/contract/describe.ts";
import type { FeatureDefinition, HandlerContext, ParamsSchema } from "../../../shared/contract/definition.ts";
import type { Inputs, InputViews } from "../../../shared/contract/inputs.ts";
import { callHandler } from "../../../shared/handler/call-handler.ts";
import { OutputArrays } from "../../../shared/handler/output-arrays.ts";
import { PROBE_MODES } from "./probe-modes.ts";
import { sliceContext, sliceInputs } from "./slice-views.ts";

/**
 * Makes a feature that returns what another returns, but calls its handler once for each block of rows. `mode` decides
 * which rows the handler sees:
 * - `cut`: the history up to the end of the block;
 * - `look-back`: the block and exactly `reach` bars before it, with their true ordinals; a label also sees later bars;
 * - `warm-up`: a history that begins `reach` bars before the block;
 * - `resume`: the block alone, with the state that the previous call left;
 * - `time`: the whole history, repeatedly; a warning reports the time.
 *
 * It runs in a child on the views that every function gets. One invocation makes many cuts of a symbol.
 */
export function probeFeature(original: AnyDefined & { readonly definition: unknown }) {
  const { definition } = original;
  const params = z.object({
    mode: z.enum(PROBE_MODES),
    /** Rows per block. */
    step: z.int().min(1),
    reach: z.int().min(0).default(0),
    given: z.record(z.string(), z.unknown()).default({}),
  });
  const resolved = (given: Readonly<Record<string, unknown>>) => {
    const resolution = resolveFunction(original, given);
    if (!resolution.ok) throw new TypeError(JSON.stringify(resolution.issues));
    return resolution.resolved;
  };
  const parsed = (given: Readonly<Record<string, unknown>>) => original.params.parse(given);
  const whole = definition as unknown as FeatureDefinition & { readonly params?: ParamsSchema };
  const valueOf = <T>(
    value: T | ((params: Record<string, unknown>) => T),
    given: Record<string, unknown>,
  ): T =>
    typeof value === "function" ? (value as (params: Record<string, unknown>) => T)(parsed(given)) : value;
  const probe: FeatureDefinition<Inputs, typeof params> = {
    description: `Probes: ${describeFunction(original).description}`,
    params,
    ...defined({ limits: whole.limits, environment: whole.environment, kind: whole.kind }),
    inputs: ({ given }) => valueOf(whole.inputs, given),
    outputs: ({ given }) => valueOf(whole.outputs, given),
    handler(inputs, out, context) {
      const { mode, step, reach, given } = context.params;
      const { outputs, stateLength } = resolved(given);
      const call: Call = { handler: whole, inputs, context, params: parsed(given), outputs, stateLength };
      const write = (from: number, end: number, start: number, rows: Written) =>
        copyRows(outputs, rows, from - start, end - from, out, from);
      const { rowCount } = context;
      const isLabel = whole.kind === "label";
      if (mode === "time") return write(0, rowCount, 0, timed(call));
      const state = new Float64Array(stateLength);
      let from = 0;
      // Rows within the warm-up of a shortened history are not compared.
      let end = mode === "warm-up" ? Math.min(rowCount, reach + 1) : Math.min(rowCount, step);
      for (; from < rowCount; from = end, end = Math.min(rowCount, end + step)) {
        switch (mode) {
          case "cut":
            write(from, end, 0, run(call, 0, end, 0));
            break;
          case "look-back": {
            const start = Math.max(0, from - reach);
            write(from, end, start, run(call, start, isLabel ? rowCount : end, start));
            break;
          }
          case "warm-up": {
            const start = Math.max(0, from - reach);
            write(from, end, start, run(call, start, end, 0));
            break;
          }
          case "resume":
            write(from, end, from, run(call, from, end, from, state));
            break;
        }
      }
    },
  };
  return { shape: "feature" as const, params, definition: probe };
}

type Written = Readonly<Record<string, unknown>>;

interface Call {
  readonly handler: Pick<FeatureDefinition, "handler">;
  readonly inputs: InputViews<Inputs>;
  readonly context: Pick<HandlerContext, keyof HandlerContext>;
  readonly params: HandlerContext["params"];
  readonly outputs: readonly ResolvedColumn[];
  readonly stateLength: number;
}

/** Calls the handler on the rows `start` to `end` only, with separate arrays. */
function run(call: Call, start: number, end: number, ordinal: number, state?: Float64Array): Written {
  const { handler, inputs, context, params, outputs, stateLength } = call;
  const rows = new OutputArrays(outputs, end - start).unit(0, end - start);
  const own = { ordinal: context.ordinal + ordinal, state: state ?? new Float64Array(stateLength), params };
  const views = start === 0 && end === context.rowCount ? inputs : sliceInputs(inputs, start, end);
  callHandler(handler, views, rows, sliceContext(context, start, end, own), () => `symbol ${context.symbol}`);
  return rows;
}

/** Long enough for the JIT to compile the handler, short enough for every check. */
const TIMED_MS = 20;

/** The time of the fastest call: the others were disturbed. */
function timed(call: Call): Written {
  const { rowCount, warn } = call.context;
  const startedAt = performance.now();
  let fastest = Infinity;
  let rows: Written = {};
  for (let calls = 0; calls < 3 || performance.now() - startedAt < TIMED_MS; calls++) {
    const calledAt = performance.now();
    rows = run(call, 0, rowCount, 0);
    fastest = Math.min(fastest, performance.now() - calledAt);
  }
  warn(`timed ${rowCount} ${(fastest * 1e6).toFixed(0)}`);
  return rows;
}

function copyRows(
  outputs: readonly ResolvedColumn[],
  from: Written,
  firstRow: number,
  rowCount: number,
  to: Written,
  toRow: number,
): void {
  for (const { name } of outputs) {
    const [source, target] = [partsOf(from[name]), partsOf(to[name])];
    source.forEach((values, i) => target[i]?.set(values.subarray(firstRow, firstRow + rowCount), toRow));
  }
}

interface Settable {
  set(values: Settable, offset: number): void;
  subarray(from: number, end: number): Settable;
}

/** The arrays of an output column: its values, and its validity if it has one. */
function partsOf(column: unknown): readonly Settable[] {
  if (isSettable(column)) return [column];
  if (typeof column !== "object" || column === null) throw new TypeError("An output is not an array");
  return Object.values(column).filter(isSettable);
}

function isSettable(value: unknown): value is Settable {
  return ArrayBuffer.isView(value) && "set" in value && "subarray" in value;
}
