import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ImportRequest } from "../../shared/protocol/import.ts";
import type { OpenedFunctions } from "./open-functions.ts";

/** Real market data beside the project; tests that need it say in their name that they are skipped without it. */
export const dataFile = (path: string) =>
  fileURLToPath(new URL(`../../../shared/data/${path}`, import.meta.url));

/** Reference results that others computed. */
export const referenceFile = (path: string) =>
  fileURLToPath(new URL(`../../../shared/reference/${path}`, import.meta.url));

export const hasRealData = existsSync(dataFile("README.md")) && existsSync(referenceFile("README.md"));

/** Imports through the engine process, as the command line does. */
export async function importDataset(
  { engine }: Pick<OpenedFunctions, "engine">,
  request: ImportRequest,
): Promise<void> {
  await engine.request({ op: "import", request });
}
