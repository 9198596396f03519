import { execFile } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build, type BuildResult, version as esbuildVersion } from "esbuild";
import { executablePath } from "../platform/executable-path.ts";
import { runtimeFacts, type RuntimeName } from "../platform/runtime-facts.ts";
import { findKeptBuild, keepBuild, type KeptBuild, keptBuildFile } from "./kept-builds.ts";
import { lazyZod } from "./lazy-zod.ts";
import { lazyFileSystem } from "./lazy-file-system.ts";
import { type SourceStamp, stampOf } from "./source-stamp.ts";

/** A bundled child program, ready to start. */
export interface BuiltChild {
  readonly runtime: RuntimeName;
  /** The file to start: an executable, or a script for the runtime's `run`. */
  readonly entry: string;
  readonly standsAlone: boolean;
  /** Holds the child and the modules it provides, and nothing else. */
  readonly modulesDir: string;
  /** Deno's map from the provided names to files of `modulesDir`. */
  readonly importMap: string | null;
  /** Deno's own directory, prepared so that author code cannot store anything in it. */
  readonly denoDir: string | null;
  /** The project's own files that it was built from, without packages, as of the build. */
  readonly sources: readonly SourceStamp[];
}

export interface BuildChildOptions {
  /** Bundles are cached here, one folder for each content and runtime version. */
  readonly cacheDir: string;
  /** Whether other processes build there too; if so, their builds are not removed. */
  readonly isShared?: boolean;
  /** The program's source file; it provides the modules named below. */
  readonly entry?: string;
  /** The bare names that author code may import, with the source file or package of each. */
  readonly modules?: Readonly<Record<string, string>>;
}

/** The bare names whose modules the child provides, with the source file or package of each. */
function authorModules(): Record<string, string> {
  return {
    quiver: fileURLToPath(new URL("../../shared/contract/index.ts", import.meta.url)),
    "quiver/kernels": fileURLToPath(new URL("../../shared/kernels/index.ts", import.meta.url)),
    zod: "zod",
  };
}

/**
 * Bundles the child for the runtime of this process, unless the same content was bundled before. A bundle starts three
 * times as fast as its sources. On Bun it is compiled to an executable, which starts a fifth faster again, or where that
 * is not possible, to bytecode.
 */
export async function buildChild(options: BuildChildOptions): Promise<BuiltChild> {
  const { cacheDir } = options;
  const entry = options.entry ?? fileURLToPath(new URL("../child/main.ts", import.meta.url));
  const modules = options.modules ?? authorModules();
  const { name: runtime, version } = runtimeFacts();
  const facts = [BUILD_VERSION, runtime, version, process.arch, cacheDir];
  const keptFile = keptBuildFile(cacheDir, [...facts, esbuildVersion, entry, modules]);
  const { name, sources } =
    (await findKeptBuild(keptFile)) ?? (await bundleAnew(options, entry, modules, facts, keptFile));
  const modulesDir = join(cacheDir, name);
  const program = join(modulesDir, PROGRAM);
  const standsAlone = existsSync(program);
  return {
    runtime,
    modulesDir,
    entry: standsAlone ? program : join(modulesDir, "main.js"),
    standsAlone,
    importMap: runtime === "deno" ? join(modulesDir, "import-map.json") : null,
    denoDir: runtime === "deno" ? await makeDenoDir(cacheDir) : null,
    sources,
  };
}

async function bundleAnew(
  { cacheDir, isShared }: BuildChildOptions,
  entry: string,
  modules: Readonly<Record<string, string>>,
  facts: readonly string[],
  keptFile: string,
): Promise<KeptBuild> {
  const runtime = runtimeFacts().name;
  const startedAt = Date.now();
  const { outputFiles: files, metafile } = await (runtime === "bun"
    ? bundleForBun(entry)
    : bundleForDeno(entry, modules));
  const inputs = Object.keys(metafile.inputs).filter((path) => !MADE_UP.test(path));
  const stampsOf = (paths: readonly string[]) =>
    paths.map((path) => stampOf(resolve(dirname(entry), path), startedAt));
  const name = `child-${runtime}-${contentKey(files, facts)}`;
  const modulesDir = join(cacheDir, name);
  if (!existsSync(modulesDir)) {
    await writeBundle(modulesDir, files, modules, runtime);
    if (isShared !== true) await removeOthers(cacheDir, name, runtime);
  }
  const kept = {
    name,
    sources: stampsOf(inputs.filter((path) => !IN_PACKAGE.test(path))),
    others: stampsOf([
      ...inputs.filter((path) => IN_PACKAGE.test(path)),
      ...DECIDING_FILES.filter(existsSync),
    ]),
  };
  await keepBuild(keptFile, kept);
  return kept;
}

/** Files that influence a bundle without being in it. Installing packages writes the last of them. */
const DECIDING_FILES = [
  "build-child.ts",
  "lazy-zod.ts",
  "lazy-file-system.ts",
  "../../tsconfig.json",
  "../../node_modules/.package-lock.json",
].map((path) => fileURLToPath(new URL(path, import.meta.url)));

/** Builds are large, and the process that owns the cache holds its lock: nobody uses the other builds. */
async function removeOthers(cacheDir: string, name: string, runtime: RuntimeName): Promise<void> {
  for (const other of await readdir(cacheDir)) {
    const isBuild = other.startsWith(`child-${runtime}-`) && !other.endsWith(".tmp");
    if (isBuild && other !== name) await rm(join(cacheDir, other), { recursive: true, force: true });
  }
}

const PROGRAM = "quiver-child";

/** Raise this when bundling changes but the bundled content does not. */
const BUILD_VERSION = "3";

interface BundledFile {
  readonly path: string;
  readonly contents: Uint8Array;
}

/** Build options for both runtimes. */
const COMMON = {
  bundle: true,
  write: false,
  platform: "node",
  target: "es2024",
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: "none",
  logLevel: "silent",
  metafile: true,
} as const;

/** Matches modules that are not files. */
const MADE_UP = /^[a-z-]+:/;
const IN_PACKAGE = /(^|\/)node_modules\//;

type Bundled = BuildResult<typeof COMMON>;

/** Makes one file for Bun, whose compiler does not support shared chunks. */
async function bundleForBun(entry: string): Promise<Bundled> {
  return build({
    ...COMMON,
    entryPoints: { main: entry },
    outdir: OUT_DIR,
    absWorkingDir: dirname(entry),
    format: "esm",
    plugins: [lazyZod(), lazyFileSystem()],
  });
}

/**
 * Makes one file for each provided module for Deno, and shared chunks, so that the child and author code get the same
 * instances.
 */
async function bundleForDeno(entry: string, modules: Readonly<Record<string, string>>): Promise<Bundled> {
  const provided = Object.entries(modules).map(([name, path]) => [fileName(name), path]);
  return build({
    ...COMMON,
    entryPoints: { main: entry, ...Object.fromEntries(provided) },
    outdir: OUT_DIR,
    absWorkingDir: dirname(entry),
    format: "esm",
    splitting: true,
    chunkNames: "chunk-[hash]",
    plugins: [lazyZod()],
  });
}

/** Outputs need a directory to be relative to; nothing is written there. */
const OUT_DIR = "/bundle";

async function writeBundle(
  modulesDir: string,
  files: readonly BundledFile[],
  modules: Readonly<Record<string, string>>,
  runtime: RuntimeName,
): Promise<void> {
  const staging = `${modulesDir}.${randomUUID()}.tmp`;
  await mkdir(staging, { recursive: true });
  try {
    for (const { path, contents } of files) await writeFile(join(staging, basename(path)), contents);
    if (runtime === "bun") await compileForBun(staging);
    else await writeImportMap(staging, modules);
    await rename(staging, modulesDir);
  } catch (error) {
    // Two processes may build the same content at once; either result will do.
    if (!existsSync(modulesDir)) throw error;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Compiles `main.js` of a directory. The source is moved first, because the compiler writes a file of the same name. */
async function compileForBun(directory: string): Promise<void> {
  const source = join(directory, "source", "main.js");
  await mkdir(dirname(source));
  await rename(join(directory, "main.js"), source);
  const compile = (...args: readonly string[]) =>
    promisify(execFile)(executablePath(), ["build", "--target=bun", "--bytecode", ...args, source], {
      cwd: directory,
      env: {},
    });
  try {
    const program = join(directory, PROGRAM);
    await compile("--compile", "--format=esm", `--outfile=${program}`, ...NO_CONFIGURATION);
    await expectToStart(program);
  } catch {
    // The file system may forbid executables, the disk may be too small, or the system may be unsupported.
    await rm(join(directory, PROGRAM), { force: true });
    await compile("--format=cjs", `--outdir=${directory}`);
  }
  await rm(dirname(source), { recursive: true });
}

/** Files in a child's working directory are author data, never configuration. */
const NO_CONFIGURATION = ["--no-compile-autoload-dotenv", "--no-compile-autoload-bunfig"];

/** A child whose input is closed has no parent, and exits at once. */
function expectToStart(program: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const trial = execFile(program, { env: {}, timeout: 20_000 }, (error) => {
      if (error !== null && error.code !== 1) reject(error);
      else resolve();
    });
    trial.stdin?.end();
  });
}

async function writeImportMap(directory: string, modules: Readonly<Record<string, string>>): Promise<void> {
  const imports = Object.fromEntries(Object.keys(modules).map((name) => [name, `./${fileName(name)}.js`]));
  await writeFile(join(directory, "import-map.json"), JSON.stringify({ imports }));
}

/** Deno gives every program a cache and storage there without permission; a plain file in their place prevents it. */
async function makeDenoDir(cacheDir: string): Promise<string> {
  const denoDir = join(cacheDir, "deno");
  await mkdir(denoDir, { recursive: true });
  await writeFile(join(denoDir, "location_data"), "");
  return denoDir;
}

function fileName(name: string): string {
  return `module-${name.replaceAll("/", "-")}`;
}

function contentKey(files: readonly BundledFile[], facts: readonly string[]): string {
  const hash = createHash("sha256").update(JSON.stringify(facts));
  for (const { path, contents } of files) hash.update(basename(path)).update(contents);
  return hash.digest("hex").slice(0, 16);
}
