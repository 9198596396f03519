import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { QuiverError } from "../../../shared/errors/index.ts";
import { assertName } from "../../store/dataset-paths.ts";
import type { CommandContext } from "../context.ts";

/** `quiver new <name>`: a function of ten lines that works, and a test of it that passes. */
export function newCommand({ settings, terminal, json }: CommandContext, name: string): void {
  assertName(name, "function");
  const files = {
    [join(settings.functions, name, "index.ts")]: functionText(name),
    [join(dirname(settings.functions), "test", "functions", `${name}.test.ts`)]: testText(
      name,
      basename(settings.functions),
    ),
  };
  const existing = Object.keys(files).find((path) => existsSync(path));
  if (existing !== undefined) {
    throw new QuiverError(
      "file-exists",
      `Cannot make the function ${JSON.stringify(name)}: ${existing} is already there. Choose another name.`,
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
  terminal.out(`Made\n${paths.join("")}Try it: npx quiver invoke ${name} --symbols QAAA\n`);
}

function functionText(name: string): string {
  return `import { defineFeature, float64, ratio } from "quiver";
import { z } from "zod";

/** ${name}: replace the description, the columns and the loop. */
export default defineFeature({
  description: "Change of the close over some bars, as a fraction",
  params: z.object({ bars: z.int().min(1).default(5) }),
  inputs: { bars: { close: float64 } },
  outputs: { change: ratio },
  memory: { lookBack: ({ bars }) => bars },
  handler({ bars: { close } }, out, { params }) {
    for (let i = params.bars; i < close.length; i++) out.change[i] = close[i]! / close[i - params.bars]! - 1;
  },
});
`;
}

function testText(name: string, functionsDir: string): string {
  return `import { runFeature } from "quiver/testing";
import { expect, test } from "vitest";
import feature from "../../${functionsDir}/${name}/index.ts";

test("${name} is null until there are enough bars", () => {
  const inputs = { bars: { close: [100, 110, 121] } };
  const { outputs } = runFeature(feature, { inputs, params: { bars: 1 } });
  expect([...outputs.change]).toEqual([NaN, expect.closeTo(0.1), expect.closeTo(0.1)]);
});
`;
}
