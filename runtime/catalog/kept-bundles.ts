import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { version } from "esbuild";
import { isSame } from "../process/source-stamp.ts";
import { bundleFunction, type BundleSettings, type FunctionBundle, isFresh } from "./bundle-function.ts";

/**
 * Bundles a function unless an earlier process did so from the same files: bundling two dozen functions takes a
 * second, checking their files takes milliseconds.
 */
export async function bundleOnce(entry: string, settings: BundleSettings): Promise<FunctionBundle> {
  const path = join(settings.codeDir, "bundles", `${keyOf(entry, settings)}.json`);
  const kept = await readKept(path);
  if (kept !== undefined && isUsable(kept, settings)) return kept;
  const bundle = await bundleFunction(entry, settings);
  // A file written a moment ago has no stamp that would reveal the next edit.
  const isSettled = bundle.sources.every(({ mtimeMs }) => !Number.isNaN(mtimeMs));
  if (isSettled && !bundle.bringsOwn) await writeKept(path, bundle);
  return bundle;
}

function isUsable(bundle: FunctionBundle, settings: BundleSettings): boolean {
  const childSources = settings.childSources?.() ?? [];
  // The modules it leaves to the children must be those that the children have loaded.
  const held = new Map(childSources.map((stamp) => [stamp.path, stamp]));
  const isHeld = bundle.sources.every((source) => isSame(source, held.get(source.path) ?? source));
  return isHeld && isFresh(bundle) && existsSync(bundle.module);
}

/** Identifies the function, the project and the bundler: another bundler may write other code for the same files. */
function keyOf(entry: string, { projectDir }: BundleSettings): string {
  const { mtimeMs, size } = statSync(fileURLToPath(new URL("bundle-function.ts", import.meta.url)));
  const identity = [entry, projectDir, version, mtimeMs, size];
  return createHash("sha256").update(JSON.stringify(identity)).digest("hex").slice(0, 32);
}

async function readKept(path: string): Promise<FunctionBundle | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    return isBundle(value) ? value : undefined;
  } catch {
    // The file is missing or unreadable: bundling replaces it.
    return undefined;
  }
}

async function writeKept(path: string, bundle: FunctionBundle): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, JSON.stringify(bundle));
  await rename(temporary, path);
}

function isBundle(value: unknown): value is FunctionBundle {
  if (typeof value !== "object" || value === null) return false;
  if (!("module" in value) || !("codeFingerprint" in value) || !("sources" in value)) return false;
  if (!("fileHashes" in value) || typeof value.fileHashes !== "object") return false;
  const { module, codeFingerprint, sources } = value;
  return typeof module === "string" && typeof codeFingerprint === "string" && Array.isArray(sources);
}
