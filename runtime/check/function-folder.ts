import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { findFunctions } from "../catalog/find-functions.ts";

/** The names of functions that the check adds to those of the user. */
export const ADJUST_BARS = "check-adjusted-bars";

export function probeName(name: string): string {
  return `check-probe-of-${name}`;
}

/**
 * Fills a folder with modules that re-export the user's functions, and with their probes. The runtime uses this folder as
 * its functions directory, because a probe is a function like any other.
 */
export async function fillFunctionFolder(
  dir: string,
  functionsDir: string,
  checked: readonly string[],
): Promise<void> {
  for (const { name, entry, problem } of await findFunctions(resolve(functionsDir))) {
    if (problem !== null) continue;
    write(dir, name, `export { default } from ${JSON.stringify(entry)};\n`);
    if (!checked.includes(name)) continue;
    write(
      dir,
      probeName(name),
      `import original from ${JSON.stringify(entry)};\n` +
        `import { probeFeature } from ${JSON.stringify(probeFile("probe-feature.ts"))};\n` +
        "export default probeFeature(original);\n",
    );
  }
  write(
    dir,
    ADJUST_BARS,
    `import { adjustBars } from ${JSON.stringify(probeFile("adjust-bars.ts"))};\nexport default adjustBars();\n`,
  );
}

function write(dir: string, name: string, source: string): void {
  mkdirSync(join(dir, name), { recursive: true });
  writeFileSync(join(dir, name, "index.ts"), source);
}

function probeFile(name: string): string {
  return fileURLToPath(new URL(`probe/${name}`, import.meta.url));
}
