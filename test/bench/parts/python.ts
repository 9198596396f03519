import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { plain, type BenchPart, type Figure } from "../support/bench-part.ts";
import { startLineWorker } from "../support/line-worker.ts";
import { PYTHON_SCRIPTS } from "../support/paths.ts";
import { publishOnce } from "../support/publish-once.ts";
import { startServer } from "../support/quiver-server.ts";
import { median } from "../support/statistics.ts";
import { DATASET, removeFeatures, removeSpool } from "../support/store.ts";

const TOOLS = [
  { name: "Python polars", script: "polars_publish.py", modules: ["polars"] },
  { name: "pandas, processes, shared memory", script: "pandas_publish.py", modules: ["pandas", "pyarrow"] },
] as const;
const ROUNDS_MAX = 3;

/** The same publish as Python users do it, where their packages are to be had. */
export const python: BenchPart = {
  name: "python",
  async run({ store, scale, signal, python: interpreter, log }) {
    const { dataDir } = await store.market();
    const bars = join(dataDir, DATASET, "bars");
    const files = readdirSync(bars)
      .filter((name) => name.endsWith(".parquet"))
      .sort()
      .map((name) => join(bars, name));
    const rounds = Math.min(scale.rounds, ROUNDS_MAX);
    const figures: Figure[] = [];
    const seconds: Record<string, number | null> = {};
    const available = TOOLS.filter(({ modules }) => canImport(interpreter, modules));
    for (const { name, modules } of TOOLS) {
      if (available.some((tool) => tool.name === name)) continue;
      seconds[name] = null;
      figures.push(plain(name, `skipped: ${interpreter} cannot import ${modules.join(" and ")}`));
    }
    if (available.length === 0) return { keys: {}, figures, details: { python: seconds } };
    removeSpool(dataDir);
    const server = await startServer({ dataDir, flags: ["--spool-bytes", "1MiB"], signal });
    try {
      const ours: number[] = [];
      const theirs = available.map(() => [] as number[]);
      const workers = available.map(({ script }) =>
        startLineWorker(
          { file: interpreter, args: [join(PYTHON_SCRIPTS, script)] },
          { signal, env: { POLARS_MAX_THREADS: "2", OMP_NUM_THREADS: "2" } },
        ),
      );
      for (let round = 0; round < rounds; round++) {
        removeFeatures(dataDir);
        ours.push((await publishOnce(server, "rsi-macd", {}, {})).milliseconds);
        for (const [i, worker] of workers.entries()) {
          log(`${available[i]!.name}, round ${round + 1} of ${rounds}`);
          const wrote = join(store.dir, "python.parquet");
          theirs[i]!.push(
            (await worker.ask<{ milliseconds: number }>({ files, wrote, threads: 2 })).milliseconds,
          );
        }
      }
      await Promise.all(workers.map((worker) => worker.stop()));
      figures.push(plain("publish rsi-macd", `${median(ours).toFixed(0)} ms`));
      for (const [i, { name }] of available.entries()) {
        const milliseconds = median(theirs[i]!);
        seconds[name] = milliseconds / 1000;
        figures.push(plain(name, `${milliseconds.toFixed(0)} ms`));
        figures.push(plain("  publish over it", (median(ours) / milliseconds).toFixed(3)));
      }
      return { keys: {}, figures, details: { python: { ...seconds, ours: median(ours) / 1000 } } };
    } finally {
      await server.stop();
      removeFeatures(dataDir);
    }
  },
};

function canImport(interpreter: string, modules: readonly string[]): boolean {
  return spawnSync(interpreter, ["-c", `import ${modules.join(", ")}`], { stdio: "ignore" }).status === 0;
}
