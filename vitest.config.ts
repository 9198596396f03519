import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/support/longest-first.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

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
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: "forks",
    // Vitest would leave one processor to itself; tests of processes mostly wait for them.
    maxWorkers: availableParallelism(),
    sequence: { sequencer: LongestFirst },
    // Loaded from outside the test graph, zod's namespace export `z` is undefined under Bun.
    server: { deps: { inline: ["zod"] } },
  },
});
