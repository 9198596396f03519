import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { QuiverError } from "../../../shared/errors/index.ts";
import { assertName } from "../../store/dataset-paths.ts";
import type { CommandContext } from "../context.ts";

/** `quiver new <name>`: creates a working function of ten lines, and a test that passes. */
export function newCommand({ settings, terminal, json }: CommandContext, name: string): void {
  assertName(name, "function");
  const files = {
    [join(settings.functions, name, "index.ts")]: FUNCTION_TEXT,
    [join(dirname(settings.functions), "test", "functions", `${name}.test.ts`)]: testText(
      name,
      basename(settings.functions),
    ),
  };
  const existing = Object.keys(files).find((path) => existsSync(path));
  if (existing !== undefined) {
    throw new QuiverError(
      "file-exists",
      `Cannot make the function ${JSON.stringify(name)}: ${existing} already exists. Choose another name.`,
      {
        path: existing,
      },
    );
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { flag: "wx" });
  }
  if (json) {
    terminal.out(`${JSON.stringify({ name, files: Object.keys(files) })}\n`);
    return;
  }
  const paths = Object.keys(files).map((path) => `  ${path}\n`);
  terminal.out(`Created\n${paths.join("")}Try it: npx quiver invoke ${name} --symbols QAAA\n`);
}

/** The README shows the same function. */
const FUNCTION_TEXT = `import { defineFeature, float64, ratio } from "quiver";
import { rsi } from "quiver/kernels";
import { z } from "zod";

export default defineFeature({
  description: "Wilder's RSI of the close",
  params: z.object({ period: z.int().min(2).default(14) }),
  inputs: { bars: { close: float64 } },
  outputs: { rsi: ratio },
  handler: ({ bars }, out, { params }) => rsi(bars.close, params.period, out.rsi),
});
`;

function testText(name: string, functionsDir: string): string {
  return `import { runFeature } from "quiver/testing";
import { expect, test } from "vitest";
import feature from "../../${functionsDir}/${name}/index.ts";

test("${name} is null until there are enough bars", () => {
  const inputs = { bars: { close: [100, 110, 121, 110] } };
  const { outputs } = runFeature(feature, { inputs, params: { period: 2 } });
  expect([...outputs.rsi]).toEqual([NaN, NaN, 100, expect.closeTo(48.8372, 3)]);
});
`;
}
