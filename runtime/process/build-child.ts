import { execFile } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build, type OutputFile } from "esbuild";
import { executablePath } from "../platform/executable-path.ts";
import { runtimeFacts, type RuntimeName } from "../platform/runtime-facts.ts";

/** A child program, bundled and ready to start. */
export interface BuiltChild {
  readonly runtime: RuntimeName;
  /** The file to start. */
  readonly entry: string;
  /** Everything the child and the modules it provides consist of; nothing else is in it. */
  readonly modulesDir: string;
  /** Deno's map from the provided names to files of `modulesDir`. */
  readonly importMap: string | null;
  /** Deno's own directory, made so that author code cannot store anything in it. */
  readonly denoDir: string | null;
}

export interface BuildChildOptions {
  /** Where bundles are kept, one folder for each content and runtime version. */
  readonly cacheDir: string;
  /** The program; it calls `startChild` and provides the modules named below. */
  readonly entry?: string;
  /** What author code imports by a bare name, and the source file or package of each. */
  readonly modules?: Readonly<Record<string, string>>;
  /** Packages not to be loaded before a handler asks for them with `import()`; bundled on their own. */
  readonly lazy?: readonly string[];
}

/** The bare names that an author's module leaves to the child, and where they come from. */
export function authorModules(): Record<string, string> {
  return {
    quiver: fileURLToPath(new URL("../../shared/contract/index.ts", import.meta.url)),
    "quiver/kernels": fileURLToPath(new URL("../../shared/kernels/index.ts", import.meta.url)),
    zod: "zod",
  };
}

/**
 * Bundles the child for the runtime this process runs on, unless the same content was bundled before. A bundle
 * starts three times as fast as its sources; on Bun it is compiled to bytecode as well.
 */
export async function buildChild(options: BuildChildOptions): Promise<BuiltChild> {
  const { cacheDir } = options;
  const entry = options.entry ?? fileURLToPath(new URL("../child/main.ts", import.meta.url));
  const modules = options.modules ?? authorModules();
  const { name: runtime, version } = runtimeFacts();
  const files = await bundle(entry, modules, runtime);
  const key = contentKey(files, [BUILD_VERSION, runtime, version, process.arch, cacheDir]);
  const modulesDir = join(cacheDir, `child-${runtime}-${key}`);
  if (!existsSync(modulesDir)) await writeBundle(modulesDir, files, modules, runtime);
  return {
    runtime,
    modulesDir,
    entry: join(modulesDir, "main.js"),
    importMap: runtime === "deno" ? join(modulesDir, "import-map.json") : null,
    denoDir: runtime === "deno" ? await makeDenoDir(cacheDir) : null,
  };
}

/** To be raised when the way of bundling changes and the bundled content does not. */
const BUILD_VERSION = "1";

/**
 * One file for Bun, whose bytecode knows no shared pieces; for Deno one file for each provided module, with the
 * pieces they share, so that the child and the author get the same instances.
 */
async function bundle(
  entry: string,
  modules: Readonly<Record<string, string>>,
  runtime: RuntimeName,
): Promise<readonly OutputFile[]> {
  const outdir = join(dirname(entry), ".bundle");
  const entryPoints: Record<string, string> = { main: entry };
  if (runtime === "deno")
    for (const [name, path] of Object.entries(modules)) entryPoints[fileName(name)] = path;
  const result = await build({
    entryPoints,
    outdir,
    absWorkingDir: dirname(entry),
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "es2024",
    splitting: runtime === "deno",
    chunkNames: "chunk-[hash]",
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    logLevel: "silent",
  });
  return result.outputFiles;
}

async function writeBundle(
  modulesDir: string,
  files: readonly OutputFile[],
  modules: Readonly<Record<string, string>>,
  runtime: RuntimeName,
): Promise<void> {
  const staging = `${modulesDir}.${randomUUID()}.tmp`;
  await mkdir(staging, { recursive: true });
  try {
    for (const { path, contents } of files) await writeFile(join(staging, basename(path)), contents);
    if (runtime === "bun") await compileToBytecode(staging);
    else await writeImportMap(staging, modules);
    await rename(staging, modulesDir);
  } catch (error) {
    // Two processes may build the same content at once; whoever renames first is as good.
    if (!existsSync(modulesDir)) throw error;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Bun's bytecode is of CommonJS only, and only from its own bundler. */
async function compileToBytecode(directory: string): Promise<void> {
  const esm = join(directory, "main.js");
  const source = join(directory, "esm", "main.js");
  await mkdir(dirname(source));
  await rename(esm, source);
  const args = ["build", "--target=bun", "--format=cjs", "--bytecode", `--outdir=${directory}`, source];
  await promisify(execFile)(executablePath(), args, { cwd: directory, env: {} });
  await rm(dirname(source), { recursive: true });
}

async function writeImportMap(directory: string, modules: Readonly<Record<string, string>>): Promise<void> {
  const imports = Object.fromEntries(Object.keys(modules).map((name) => [name, `./${fileName(name)}.js`]));
  await writeFile(join(directory, "import-map.json"), JSON.stringify({ imports }));
}

/** Deno gives every program a cache and a local storage there, without asking; a plain file in their place stops it. */
async function makeDenoDir(cacheDir: string): Promise<string> {
  const denoDir = join(cacheDir, "deno");
  await mkdir(denoDir, { recursive: true });
  await writeFile(join(denoDir, "location_data"), "");
  return denoDir;
}

function fileName(name: string): string {
  return `module-${name.replaceAll("/", "-")}`;
}

function contentKey(files: readonly OutputFile[], facts: readonly string[]): string {
  const hash = createHash("sha256").update(JSON.stringify(facts));
  for (const { path, contents } of files) hash.update(basename(path)).update(contents);
  return hash.digest("hex").slice(0, 16);
}
