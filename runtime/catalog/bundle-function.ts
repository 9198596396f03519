import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { build, type BuildFailure, type BuildOptions, type BuildResult } from "esbuild";
import { QuiverError } from "../../shared/errors/index.ts";
import { hashCode } from "./hash-code.ts";
import { isUnchanged, type SourceStamp, stampOf } from "../process/source-stamp.ts";

/** Modules that a child has loaded before it gets work; bundles refer to these and include everything else. */
const PRELOADED_MODULES = ["quiver", "quiver/kernels", "zod"] as const;

export interface BundleSettings {
  readonly functionsDir: string;
  /** The folder with Quiver's own sources, from which `quiver` and packages are resolved. */
  readonly projectDir: string;
  /** Folder for bundles, one folder per fingerprint. */
  readonly codeDir: string;
  /**
   * The sources of the children's program. Functions that use a source that has changed since bundle it themselves.
   * Undefined while the program has not been built.
   */
  readonly childSources?: () => readonly SourceStamp[] | undefined;
  readonly hashFile?: typeof hashCode;
}

/** A function as a single module file, with the stamps of its source files. */
export interface FunctionBundle {
  readonly module: string;
  readonly codeFingerprint: string;
  readonly sources: readonly SourceStamp[];
  /** A hash of the code of each file that the fingerprint rests on, by its absolute path. */
  readonly fileHashes: Readonly<Record<string, string>>;
  /** Whether it bundles modules that children have loaded too, because theirs are outdated. */
  readonly bringsOwn: boolean;
}

/**
 * Bundles a function with every local module and package it imports into one file, without running any of it. The
 * fingerprint covers the code that can run, without comments and unused exports but with the kernels it uses: an
 * edit to a comment changes nothing, an edit to a kernel changes the functions that use it. Kernels with constants that
 * are computed on loading would be part of every function, but package.json declares them free of side effects.
 */
export async function bundleFunction(entry: string, settings: BundleSettings): Promise<FunctionBundle> {
  const startedAt = Date.now();
  const shared: BuildOptions = {
    absWorkingDir: settings.projectDir,
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "es2024",
    charset: "utf8",
    legalComments: "none",
    logLevel: "silent",
    metafile: true,
    // Functions outside the project find the same packages as those inside.
    nodePaths: [join(settings.projectDir, "node_modules")],
  };
  const asModule: BuildOptions = {
    ...shared,
    entryPoints: [entry],
    sourcemap: "external",
    outfile: "module.mjs",
  };
  const own: BuildOptions = {
    external: ["zod"],
    alias: {
      quiver: join(settings.projectDir, "shared/contract/index.ts"),
      "quiver/kernels": join(settings.projectDir, "shared/kernels/index.ts"),
    },
  };
  const [referring, whole] = await Promise.all([
    run(entry, settings, { ...asModule, external: [...PRELOADED_MODULES] }),
    run(entry, settings, {
      ...shared,
      ...own,
      // Only the default export can run.
      stdin: {
        contents: `import * as author from ${JSON.stringify(entry)};\nexport default author.default;`,
        resolveDir: dirname(entry),
        sourcefile: STDIN,
      },
      minifyWhitespace: true,
      outfile: "module.mjs",
    }),
  ]);
  const childSources = settings.childSources?.();
  const isHeld =
    childSources === undefined ||
    childSources.every(isUnchanged) ||
    areHeld(runningFilesOf(whole, settings), filesOf(referring, settings), childSources);
  const runnable = isHeld ? referring : await run(entry, settings, { ...asModule, ...own });
  const code = whole.outputFiles?.[0]?.contents ?? new Uint8Array();
  const codeFingerprint = createHash("sha256").update(code).digest("hex").slice(0, 32);
  const inputs = [...filesOf(runnable, settings), ...filesOf(whole, settings)];
  const sources = Array.from(new Set(inputs.map(watchedFile)), (path) => stampOf(path, startedAt));
  const running = [...new Set(runningFilesOf(whole, settings).map(watchedFile))];
  const { hashFile = hashCode } = settings;
  const hashes = running.toSorted().map(async (path) => [path, await hashFile(path)] as const);
  const fileHashes = Object.fromEntries(await Promise.all(hashes));
  const module = await store(runnable, codeFingerprint, settings);
  return { module, codeFingerprint, sources, fileHashes, bringsOwn: !isHeld };
}

/**
 * Whether the files that a bundle leaves to the children are those that their program was built from. The
 * fingerprint covers their current content, so a kernel edited under a running server must not run in its old form.
 */
function areHeld(
  files: readonly string[],
  brought: readonly string[],
  childSources: readonly SourceStamp[],
): boolean {
  const along = new Set(brought);
  const held = new Map(childSources.map((stamp) => [stamp.path, stamp]));
  return files.every((path) => {
    const stamp = held.get(path);
    return along.has(path) || (stamp !== undefined && isUnchanged(stamp));
  });
}

/** Absolute paths of the files that a build read. */
function filesOf({ metafile }: BuildResult, settings: BundleSettings): string[] {
  return wholePaths(Object.keys(metafile?.inputs ?? {}), settings);
}

/** The files that contributed to the output. */
function runningFilesOf({ metafile }: BuildResult, settings: BundleSettings): string[] {
  const inputs = Object.values(metafile?.outputs ?? {}).flatMap((output) => Object.entries(output.inputs));
  return wholePaths(
    inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path),
    settings,
  );
}

function wholePaths(paths: readonly string[], { projectDir }: BundleSettings): string[] {
  return paths.filter((path) => !path.endsWith(STDIN)).map((path) => resolve(projectDir, path));
}

/** Whether every source file is unchanged. A few stats are cheap enough for every call. */
export function isFresh(bundle: FunctionBundle): boolean {
  return bundle.sources.every(isUnchanged);
}

/**
 * The file to check for changes in place of this one. Packages are installed as a whole, so a package.json stands
 * for what may be thousands of files.
 */
function watchedFile(path: string): string {
  const packageDir = PACKAGE.exec(path)?.[0];
  return packageDir === undefined ? path : join(packageDir, "package.json");
}

/** The path up to the last package in it. */
const PACKAGE = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/;

/** Name of the one module that is not a file. */
const STDIN = "<default export>";

async function run(entry: string, settings: BundleSettings, options: BuildOptions): Promise<BuildResult> {
  try {
    return await build(options);
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    const first = error.errors[0];
    const file = relative(settings.functionsDir, entry);
    throw new QuiverError(
      "function-invalid",
      `Cannot load ${file}: ${first?.text ?? "it does not build"}${placeIn(file, first, settings)}.`,
      { file, line: first?.location?.line ?? null, source: first?.location?.lineText ?? null },
      error,
    );
  }
}

/** ` at line 3`, with the name of the file if it is another. */
function placeIn(
  file: string,
  first: BuildFailure["errors"][number] | undefined,
  settings: BundleSettings,
): string {
  if (first?.location == null) return "";
  const { file: source, line } = first.location;
  const place = shorten(source, settings);
  return place === file ? ` at line ${line}` : ` at line ${line} of ${place}`;
}

function shorten(file: string, settings: BundleSettings): string {
  const absolute = isAbsolute(file) ? file : join(settings.projectDir, file);
  return relative(settings.functionsDir, absolute);
}

/** Written once per fingerprint and never changed, because a child may be reading it. */
async function store(
  result: BuildResult,
  codeFingerprint: string,
  { codeDir, projectDir }: BundleSettings,
): Promise<string> {
  const files = result.outputFiles ?? [];
  const map = withAbsoluteSources(files.find((file) => file.path.endsWith(".map"))?.text ?? "{}", projectDir);
  const code = files.find((file) => !file.path.endsWith(".map"))?.text ?? "";
  // Bundles of one fingerprint differ at most in comments, and then in the lines of their source maps.
  const lines = createHash("sha256").update(code).update(map).digest("hex").slice(0, 8);
  const dir = join(codeDir, codeFingerprint);
  const module = join(dir, `${lines}.mjs`);
  if (statSync(module, { throwIfNoEntry: false }) !== undefined) return module;
  await mkdir(dir, { recursive: true });
  await writeFile(`${module}.map`, map);
  const temporary = `${module}.${process.pid}.tmp`;
  await writeFile(temporary, code);
  await rename(temporary, module);
  return module;
}

/** The builder's paths are relative to its working folder, and the map is stored elsewhere. */
function withAbsoluteSources(map: string, projectDir: string): string {
  const value: unknown = JSON.parse(map);
  if (typeof value !== "object" || value === null || !("sources" in value)) return map;
  if (!Array.isArray(value.sources)) return map;
  const sources = value.sources.map((source) => resolve(projectDir, String(source)));
  return JSON.stringify({ ...value, sources });
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return typeof error === "object" && error !== null && "errors" in error && Array.isArray(error.errors);
}
