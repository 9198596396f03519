import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { executablePath } from "../../../runtime/platform/executable-path.ts";
import { runtimeName } from "../../../runtime/platform/runtime-facts.ts";
import { compareIndicators } from "../indicators/compare-indicators.ts";
import { writeBarColumns } from "../support/bar-columns.ts";
import { plain, type BenchContext, type BenchPart, type Figure } from "../support/bench-part.ts";
import { startLineWorker } from "../support/line-worker.ts";
import { rounded } from "../support/statistics.ts";

interface KernelCost {
  readonly params: string;
  readonly columns: number;
  readonly nanosecondsPerRow: number;
  readonly processorNanosecondsPerRow: number;
}

/** Every exported kernel over the whole market, then five indicators beside other libraries. */
export const kernels: BenchPart = {
  name: "kernels",
  async run(context) {
    const { dataDir } = await context.store.market();
    const columnsDir = await writeBarColumns(dataDir, join(context.store.dir, "columns-market"));
    const costs = await measureKernels(columnsDir, context);
    const compared = await compareIndicators(dataDir, columnsDir, context);
    return {
      keys: compared.keys,
      figures: [...costs.figures, ...compared.figures],
      details: { kernels: costs.details, indicators: compared.details },
    };
  },
};

async function measureKernels(
  columnsDir: string,
  { scale, signal, log }: BenchContext,
): Promise<{ figures: Figure[]; details: Record<string, unknown> }> {
  const script = fileURLToPath(new URL("../kernels/kernels-worker.ts", import.meta.url));
  const run = runtimeName() === "deno" ? ["run", "-A", "--quiet", script] : [script];
  const worker = startLineWorker({ file: executablePath(), args: [...run, columnsDir] }, { signal });
  try {
    const { kernels: names, rowCount } = await worker.ask<{ kernels: string[]; rowCount: number }>({});
    log(`${names.length} kernels over ${rowCount} rows, ${scale.rounds} rounds each`);
    const figures: Figure[] = [];
    const details: Record<string, unknown> = {};
    for (const kernel of names) {
      const cost = await worker.ask<KernelCost>({ kernel, rounds: scale.rounds });
      const perColumn = cost.nanosecondsPerRow / cost.columns;
      const many = cost.columns === 1 ? "" : ` (${cost.columns} columns)`;
      const what = `${kernel}${cost.params === "" ? "" : ` ${cost.params}`}${many}`;
      figures.push(plain(what, `${perColumn.toFixed(2)} ns`));
      details[kernel] = {
        ...cost,
        nanosecondsPerRow: rounded(cost.nanosecondsPerRow),
        processorNanosecondsPerRow: rounded(cost.processorNanosecondsPerRow),
        nanosecondsPerRowAndColumn: rounded(perColumn),
      };
    }
    return { figures, details };
  } finally {
    await worker.stop();
  }
}
