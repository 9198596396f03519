import type { HandlerContext } from "../../../shared/contract/definition.ts";
import type { Inputs, InputViews } from "../../../shared/contract/inputs.ts";

/** Reduces a handler's inputs to the rows `from` to `end`. */
export function sliceInputs(inputs: InputViews<Inputs>, from: number, end: number): InputViews<Inputs> {
  const views = Object.entries(inputs).map(([name, columns]) => {
    const cut = Object.entries(columns).map(
      ([column, view]) => [column, sliceView(view, from, end)] as const,
    );
    return [name, Object.fromEntries(cut)] as const;
  });
  // Has the same names and kinds of views as `inputs`, with fewer rows.
  return Object.fromEntries(views) as InputViews<Inputs>;
}

function sliceView(view: unknown, from: number, end: number): unknown {
  if (isSliceable(view)) return view.subarray(from, end);
  if (typeof view !== "object" || view === null) throw new TypeError("A column is not a view");
  if ("codes" in view && isSliceable(view.codes)) return { ...view, codes: view.codes.subarray(from, end) };
  if ("values" in view && "valid" in view && isSliceable(view.values) && isSliceable(view.valid))
    return { values: view.values.subarray(from, end), valid: view.valid.subarray(from, end) };
  throw new TypeError("A column is not a view");
}

/** A handler's context for those rows only, with another ordinal and state. */
export function sliceContext(
  context: HandlerContext,
  from: number,
  end: number,
  own: { readonly ordinal: number; readonly state: Float64Array; readonly params: HandlerContext["params"] },
): HandlerContext {
  return { ...context, ...own, ts: context.ts.subarray(from, end), rowCount: end - from };
}

interface Sliceable {
  subarray(from: number, end: number): unknown;
}

function isSliceable(view: unknown): view is Sliceable {
  return ArrayBuffer.isView(view) && "subarray" in view;
}
