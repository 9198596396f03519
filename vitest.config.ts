import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { LongestFirst, SHARING } from "./test/support/longest-first.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const ALL = "test/**/*.test.ts";
/** Tests of what keeps no state and starts nothing: a process for each of them would take longer than they do. */
const PURE = "test/shared/{arrow,contract,errors,handler,kernels,row-checksum,testing,time}/**/*.test.ts";

export default defineConfig({
  resolve: {
    alias: [
      { find: /^quiver$/, replacement: here("shared/contract/index.ts") },
      { find: /^quiver\/client$/, replacement: here("shared/client/index.ts") },
      { find: /^quiver\/runtime$/, replacement: here("runtime/embed/index.ts") },
      { find: /^quiver\/kernels$/, replacement: here("shared/kernels/index.ts") },
      { find: /^quiver\/testing$/, replacement: here("shared/testing/index.ts") },
    ],
  },
  test: {
    projects: [
      { extends: true, test: { name: "parts", include: [ALL], exclude: [PURE] } },
      { extends: true, test: { name: SHARING, include: [PURE], isolate: false } },
    ],
    // Against hanging, not against taking long: a machine that is busy with something else fails no test.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    pool: "forks",
    // Vitest would leave one processor to itself; tests of processes mostly wait for them.
    maxWorkers: availableParallelism(),
    sequence: { sequencer: LongestFirst },
    // Packages are imported as the runtime imports them: under Bun, Vitest takes zod's default export for the whole of it.
    deps: { interopDefault: false },
  },
});
