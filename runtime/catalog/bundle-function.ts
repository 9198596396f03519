import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { build, type BuildFailure, type BuildOptions, type BuildResult } from "esbuild";
import { QuiverError } from "../../shared/errors/index.ts";
import { isUnchanged, type SourceStamp, stampOf } from "../process/source-stamp.ts";

/** What a child already holds when it starts; a function's bundle refers to these and brings all else along. */
const PRELOADED_MODULES = ["quiver", "quiver/kernels", "zod"] as const;

export interface BundleSettings {
  readonly functionsDir: string;
  /** The folder with Quiver's own sources, where `quiver` and packages resolve from. */
  readonly projectDir: string;
  /** Folder for bundles, one folder per fingerprint. */
  readonly codeDir: string;
  /**
   * What the children's program was built from: once some of that is other, functions that use it bring their own. They
   * do not when it is yet to be built.
   */
  readonly childSources?: () => readonly SourceStamp[] | undefined;
}

/** A function as one module file, and the files it was made from as they were then. */
export interface FunctionBundle {
  readonly module: string;
  readonly codeFingerprint: string;
  readonly sources: readonly SourceStamp[];
  /** Whether it brings along what children hold too, as they hold it as it was. */
  readonly bringsOwn: boolean;
}

/**
 * Bundles a function and every local module and package it imports into one file, without running any of it.
 * The fingerprint is taken over the code that can run, comments and unused exports gone, the kernels it uses
 * included: an edit to a comment changes nothing, an edit to a kernel changes the functions that use it.
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
    // Functions elsewhere than in the project find the same packages as those within it.
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
      // Only its default export can run.
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
  const module = await store(runnable, codeFingerprint, settings);
  return { module, codeFingerprint, sources, bringsOwn: !isHeld };
}

/**
 * Whether the files that a bundle leaves to the children are those that their program was built from. The fingerprint is
 * taken over them as they are now: under a server that goes on running, an edited kernel must not run as it was.
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

/** Files that a build read, by their whole paths. */
function filesOf({ metafile }: BuildResult, settings: BundleSettings): string[] {
  return wholePaths(Object.keys(metafile?.inputs ?? {}), settings);
}

/** Those of which something came into its output. */
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

/** Whether every file the bundle was made from is as it was. A few stats: cheap enough for every call. */
export function isFresh(bundle: FunctionBundle): boolean {
  return bundle.sources.every(isUnchanged);
}

/**
 * The file that is looked at for changes of this one. A package is installed as a whole: its package.json stands for
 * its files, of which there can be thousands.
 */
function watchedFile(path: string): string {
  const packageDir = PACKAGE.exec(path)?.[0];
  return packageDir === undefined ? path : join(packageDir, "package.json");
}

/** Up to the last package that a path leads into. */
const PACKAGE = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/;

/** Name of the one module that is no file. */
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

/** ` at line 3`, and of which file where it is another. */
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

/** Written once per fingerprint and never changed: a child may be reading it. */
async function store(
  result: BuildResult,
  codeFingerprint: string,
  { codeDir, projectDir }: BundleSettings,
): Promise<string> {
  const files = result.outputFiles ?? [];
  const map = withAbsoluteSources(files.find((file) => file.path.endsWith(".map"))?.text ?? "{}", projectDir);
  const code = files.find((file) => !file.path.endsWith(".map"))?.text ?? "";
  // Bundles of one fingerprint differ in comments at most, and then in the lines of their source maps.
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

/** The builder names sources from where it stood; the map lies elsewhere. */
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
