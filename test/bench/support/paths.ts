import { fileURLToPath } from "node:url";

/** Functions that only the benchmark needs. */
export const BENCH_FUNCTIONS = fileURLToPath(new URL("../functions", import.meta.url));
export const PYTHON_SCRIPTS = fileURLToPath(new URL("../python", import.meta.url));
