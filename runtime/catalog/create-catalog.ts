import { existsSync } from "node:fs";
import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { FunctionDescription, ResolvedFunction } from "../../shared/contract/describe.ts";
import { parseDescribeReply, parseResolveReply } from "../../shared/protocol/parse-reply.ts";
import {
  didYouMean,
  errorCodeOf,
  fromErrorRecord,
  QuiverError,
  type ErrorRecord,
} from "../../shared/errors/index.ts";
import { createGraphLoader, sortOut } from "../graph/load-graph.ts";
import { fingerprintOf } from "../../shared/canonical-json.ts";
import { createSlots } from "../concurrency/create-slots.ts";
import type { ReusableChild } from "../process/child-handle.ts";
import { createWarmChildren } from "../process/warm-children.ts";
import { type BundleSettings, type FunctionBundle, isFresh } from "./bundle-function.ts";
import type { BrokenEntry, Catalog, CatalogEntry, Listing } from "./catalog.ts";
import { findFunction, findFunctions, type FoundFunction } from "./find-functions.ts";
import { functionErrorOf } from "./function-error.ts";
import { createCodeHasher } from "./hash-code.ts";
import { bundleOnce } from "./kept-bundles.ts";
import { LruMap } from "../concurrency/lru-map.ts";
import { parameterInvalid, unknownParameter } from "./parameter-errors.ts";
import { type Environment, pickEnvironment } from "./pick-environment.ts";

export interface CatalogSettings extends BundleSettings {
  /** Makes a warm process that will only ever see one function's code. */
  readonly createResolver: () => ReusableChild;
  /** Values of the variables that functions declare. */
  readonly environment: Environment;
  readonly wallTimeMs?: number;
}

/** Processes kept warm to resolve parameters; the least recently used one makes room. */
const RESOLVERS_MAX = 4;
/** How many functions describe themselves at once, so that listing a hundred does not start a hundred processes. */
const DESCRIBING_MAX = 4;
const RESOLUTIONS_MAX = 10_000;
/** Files beside a bundle: its map, its description, and the first resolutions of its parameters. */
const KEPT_FILES_MAX = 32;

/** Limits describing and resolving, which run the author's module and so could loop. */
const DESCRIBE_TIME_MS = 10_000;

export function createCatalog(settings: CatalogSettings): Catalog {
  const { functionsDir, wallTimeMs = DESCRIBE_TIME_MS } = settings;
  const bundles = new Map<string, Promise<FunctionBundle>>();
  const descriptions = new LruMap<string, Promise<FunctionDescription>>(1000);
  const resolutions = new LruMap<string, Promise<ResolvedFunction>>(RESOLUTIONS_MAX);
  const resolvers = createWarmChildren({ create: settings.createResolver, max: RESOLVERS_MAX });
  const describing = createSlots({ count: DESCRIBING_MAX });
  const bundling: BundleSettings = { hashFile: createCodeHasher(), ...settings };

  async function ask(
    name: string,
    bundle: { module: string; codeFingerprint: string },
    message: object,
  ): Promise<unknown> {
    const key = `${name}/${bundle.codeFingerprint}`;
    const outcome = await resolvers.use(key, (child) => child.run(message, { wallTimeMs }));
    if (outcome.kind === "ok") return outcome.reply;
    throw functionErrorOf(outcome, name, bundle.module);
  }

  async function bundleOf(found: FoundFunction): Promise<FunctionBundle> {
    const known = bundles.get(found.name);
    const bundle = known === undefined ? undefined : await known.catch(() => undefined);
    if (bundle !== undefined && isFresh(bundle) && existsSync(bundle.module)) return bundle;
    const current = bundles.get(found.name);
    // Another caller may have started over while this one waited.
    if (current !== undefined && current !== known) return current;
    const next = bundleOnce(found.entry, bundling);
    bundles.set(found.name, next);
    return next;
  }

  async function load(found: FoundFunction): Promise<CatalogEntry> {
    if (found.problem !== null) throw fromErrorRecord(found.problem);
    const bundle = await bundleOf(found);
    const { module, codeFingerprint } = bundle;
    const key = `${found.name}/${codeFingerprint}`;
    const description = await (descriptions.get(key) ??
      remember(descriptions, key, describe(found.name, bundle)));
    return {
      name: found.name,
      file: relative(functionsDir, found.entry),
      module,
      codeFingerprint,
      sources: bundle.sources.map(({ path }) => path),
      fileHashes: Object.fromEntries(
        Object.entries(bundle.fileHashes).map(([path, hash]) => [relative(functionsDir, path), hash]),
      ),
      description,
    };
  }

  function describe(name: string, bundle: FunctionBundle): Promise<FunctionDescription> {
    return keptBeside(bundle, "description.json", parseDescribeReply, () =>
      describing.run(() => ask(name, bundle, { type: "describe", module: bundle.module })),
    );
  }

  async function resolve(
    entry: CatalogEntry,
    params: Readonly<Record<string, unknown>>,
  ): Promise<ResolvedFunction> {
    const { paramNames } = entry.description;
    for (const name of Object.keys(params)) {
      if (paramNames.includes(name)) continue;
      throw unknownParameter(entry, name);
    }
    const environment = pickEnvironment(entry, settings.environment);
    const message = { type: "resolve", module: entry.module, params, environment };
    const compute = () => ask(entry.name, entry, message);
    const resolution = await (entry.description.environment.length > 0
      ? compute().then(parseResolveReply)
      : keptBeside(entry, resolutionFile(params), parseResolveReply, compute));
    if (resolution.ok) return resolution.resolved;
    throw parameterInvalid(entry, resolution.issues);
  }

  /** Resolves the function for the graph while the process that described it is still warm. */
  async function loadResolved(found: FoundFunction): Promise<CatalogEntry> {
    const entry = await load(found);
    // The graph asks again and reports the problem.
    await resolveOnce(entry, {}).catch(() => undefined);
    return entry;
  }

  /** Loads each function by itself; the graph checks whether they fit each other. */
  async function loadAll(): Promise<Listing> {
    const found = await findFunctions(functionsDir);
    const slots = createSlots({ count: DESCRIBING_MAX });
    const settled = await Promise.allSettled(found.map((one) => slots.run(() => loadResolved(one))));
    const functions: CatalogEntry[] = [];
    const broken: BrokenEntry[] = [];
    settled.forEach((result, i) => {
      const { name, entry } = found[i]!;
      if (result.status === "fulfilled") functions.push(result.value);
      else broken.push({ name, file: relative(functionsDir, entry), error: recordOf(result.reason) });
    });
    return { functions, broken };
  }

  function resolveOnce(
    entry: CatalogEntry,
    params: Readonly<Record<string, unknown>>,
  ): Promise<ResolvedFunction> {
    const key = `${entry.name}/${entry.codeFingerprint}/${JSON.stringify(params)}`;
    return resolutions.get(key) ?? remember(resolutions, key, resolve(entry, params));
  }

  const loadGraph = createGraphLoader(resolveOnce);

  return {
    async list() {
      const found = await loadAll();
      return sortOut(found, await loadGraph(found));
    },
    graph: async () => loadGraph(await loadAll()),
    async get(name) {
      const found = findFunction(functionsDir, name);
      if (found !== undefined) return load(found);
      const known = (await findFunctions(functionsDir)).map((entry) => entry.name);
      const have = known.length === 0 ? "there are none yet" : `there are ${known.join(", ")}`;
      throw new QuiverError(
        "unknown-function",
        `Cannot find the function ${JSON.stringify(name)}: ${have}.${didYouMean(name, known)} ` +
          '"quiver new <name>" makes one.',
        { function: name, known },
      );
    },
    resolve: resolveOnce,
    async close() {
      await resolvers.close();
    },
  };
}

/** Caches an answer, or a refusal of parameters. After any other failure the process is asked again. */
function remember<T>(answers: LruMap<string, Promise<T>>, key: string, answer: Promise<T>): Promise<T> {
  void answers.set(key, answer);
  answer.catch((error: unknown) => {
    if (errorCodeOf(error) !== "parameter-invalid") answers.delete(key);
  });
  return answer;
}

/**
 * Stores what follows from the code alone beside the bundle, so that a new process need not run the code to know
 * it. `parse` rejects what another version of Quiver wrote. A full folder is left as it is.
 */
async function keptBeside<T>(
  { module }: { readonly module: string },
  file: string,
  parse: (reply: unknown) => T,
  compute: () => Promise<unknown>,
): Promise<T> {
  const path = join(dirname(module), file);
  try {
    return parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    // The file is missing or unreadable: asking the function replaces it.
  }
  const reply = await compute();
  const parsed = parse(reply);
  if ((await readdir(dirname(path))).length >= KEPT_FILES_MAX) return parsed;
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, JSON.stringify(reply));
  await rename(temporary, path);
  return parsed;
}

function resolutionFile(params: Readonly<Record<string, unknown>>): string {
  return `resolution-${fingerprintOf(params)}.json`;
}

function recordOf(error: unknown): ErrorRecord {
  const code = errorCodeOf(error);
  if (code !== undefined && error instanceof QuiverError)
    return { code, message: error.message, facts: error.facts };
  return { code: "internal-error", message: String(error), facts: {} };
}
