import { realpathSync } from "node:fs";
import { denoApi } from "./deno-api.ts";

/**
 * The real binary of the current runtime, with links resolved: starting a child through a package's wrapper script
 * would put Node in between.
 */
export function executablePath(): string {
  return realpathSync(denoApi()?.execPath() ?? process.execPath);
}
