/** An edit to the sources, and which functions' code it changes as far as it says itself. */
export interface SourceEdit {
  readonly what: string;
  readonly path: string;
  readonly from: string;
  readonly to: string;
  /** The declaration that is other afterwards; null where nothing that runs is. */
  readonly changes: string | null;
  /** Whether it changes what is computed; a description, for one, does not. */
  readonly givesOtherRows: boolean;
}

/** The kernel whose edit is taken back by the next one. */
export const KERNEL_EDIT: SourceEdit = {
  what: "arithmetic of the kernel ema",
  path: "shared/kernels/averages/ema.ts",
  from: "smooth(values, period, 2 / (period + 1)",
  to: "smooth(values, period, 2.5 / (period + 1)",
  changes: "ema",
  givesOtherRows: true,
};

export const EDITS: readonly SourceEdit[] = [
  {
    what: "comment in a file that no function imports",
    path: "shared/client/index.ts",
    from: 'export { createClient } from "./create-client.ts";',
    to: '// Edited.\nexport { createClient } from "./create-client.ts";',
    changes: null,
    givesOtherRows: false,
  },
  {
    what: "comment in the kernel ema",
    path: "shared/kernels/averages/ema.ts",
    from: '  requirePeriod("ema"',
    to: '  // Edited.\n  requirePeriod("ema"',
    changes: null,
    givesOtherRows: false,
  },
  {
    what: "white space in rsi-macd",
    path: "functions/rsi-macd/index.ts",
    from: "  handler({ bars }, out, { params, state }) {",
    to: "\n\n  handler( {bars},out, {\n params, state }  )   {\n",
    changes: null,
    givesOtherRows: false,
  },
  {
    what: "code of true-range, which kernels share",
    path: "shared/kernels/volatility/true-range.ts",
    from: "(below + Math.abs(below))) * 0.5",
    to: "(below + Math.abs(below))) * 0.75",
    changes: "trueRangeOf",
    givesOtherRows: true,
  },
  {
    what: "code of the function returns",
    path: "functions/returns/index.ts",
    from: "logReturn(bars.close, params.lag, out.log_return);",
    to: "simpleReturn(bars.close, params.lag, out.log_return);",
    changes: "default",
    givesOtherRows: true,
  },
  {
    what: "a module of the function bands",
    path: "functions/bands/memory.ts",
    from: "10.4 * (params.keltner_period + 1)",
    to: "10.5 * (params.keltner_period + 1)",
    changes: "warmUpOf",
    givesOtherRows: false,
  },
  {
    what: "description of calendar",
    path: "functions/calendar/index.ts",
    from: 'description: "Day of week and month',
    to: 'description: "The day of week and month',
    changes: "default",
    givesOtherRows: false,
  },
  {
    what: "code of alpha101-terms, which others read",
    path: "functions/alpha101-terms/index.ts",
    from: "handler: stage.run,",
    to: "handler: (...given) => stage.run(...given),",
    changes: "default",
    givesOtherRows: false,
  },
  {
    what: "default of a parameter of rsi-macd",
    path: "functions/rsi-macd/index.ts",
    from: "z.int().min(2).max(10_000).default(14)",
    to: "z.int().min(2).max(10_000).default(15)",
    changes: "default",
    givesOtherRows: true,
  },
];

export const NEW_FUNCTION = {
  name: "never-twice-new",
  path: "functions/never-twice-new/index.ts",
  contents: `import { defineFeature, float64 } from "quiver";

export default defineFeature({
  description: "Twice the close",
  inputs: { bars: { close: float64 } },
  outputs: { x: float64 },
  memory: { lookBack: 0 },
  handler({ bars }, out) {
    for (let i = 0; i < bars.close.length; i++) out.x[i] = 2 * bars.close[i]!;
  },
});
`,
} as const;
