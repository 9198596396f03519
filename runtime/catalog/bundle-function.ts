import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { build, type BuildFailure, type BuildOptions, type BuildResult } from "esbuild";
import { QuiverError } from "../../shared/errors/index.ts";

/** What a child already holds when it starts; a function's bundle refers to these and brings all else along. */
export const PRELOADED_MODULES = ["quiver", "quiver/kernels", "zod"] as const;

export interface BundleSettings {
  readonly functionsDir: string;
  /** The folder with Quiver's own sources, where `quiver` and packages resolve from. */
  readonly projectDir: string;
  /** Folder for bundles, one folder per fingerprint. */
  readonly codeDir: string;
}

/** A function as one module file, and the files it was made from as they were then. */
export interface FunctionBundle {
  readonly module: string;
  readonly codeFingerprint: string;
  readonly sources: readonly SourceStamp[];
}

interface SourceStamp {
  readonly path: string;
  /** NaN for a file written while it was being read, or just before: what was read may be older. */
  readonly mtimeMs: number;
  readonly size: number;
  readonly inode: number;
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
  const [runnable, whole] = await Promise.all([
    run(entry, settings, {
      ...shared,
      entryPoints: [entry],
      external: [...PRELOADED_MODULES],
      sourcemap: "external",
      outfile: "module.mjs",
    }),
    run(entry, settings, {
      ...shared,
      // Only its default export can run.
      stdin: {
        contents: `import * as author from ${JSON.stringify(entry)};\nexport default author.default;`,
        resolveDir: dirname(entry),
        sourcefile: STDIN,
      },
      external: ["zod"],
      alias: {
        quiver: join(settings.projectDir, "shared/contract/index.ts"),
        "quiver/kernels": join(settings.projectDir, "shared/kernels/index.ts"),
      },
      minifyWhitespace: true,
      outfile: "module.mjs",
    }),
  ]);
  const code = whole.outputFiles?.[0]?.contents ?? new Uint8Array();
  const codeFingerprint = createHash("sha256").update(code).digest("hex").slice(0, 32);
  const inputs = new Set([
    ...Object.keys(runnable.metafile?.inputs ?? {}),
    ...Object.keys(whole.metafile?.inputs ?? {}),
  ]);
  const watched = new Set([...inputs].filter((path) => !path.endsWith(STDIN)).map(watchedFile));
  const sources = Array.from(watched, (path) => stampOf(resolve(settings.projectDir, path), startedAt));
  const module = await store(runnable, codeFingerprint, settings);
  return { module, codeFingerprint, sources };
}

/** Whether every file the bundle was made from is as it was. A few stats: cheap enough for every call. */
export function isFresh(bundle: FunctionBundle): boolean {
  return bundle.sources.every((source) => {
    const now = statSync(source.path, { throwIfNoEntry: false });
    return (
      now !== undefined &&
      now.mtimeMs === source.mtimeMs &&
      now.size === source.size &&
      now.ino === source.inode
    );
  });
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

/** File systems count time in steps of some milliseconds. */
const MTIME_STEP_MS = 20;

function stampOf(path: string, readAt: number): SourceStamp {
  const { mtimeMs, size, ino } = statSync(path);
  const isSettled = mtimeMs < readAt - MTIME_STEP_MS;
  return { path, mtimeMs: isSettled ? mtimeMs : Number.NaN, size, inode: ino };
}

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
