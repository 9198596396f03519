import { identityDifferences } from "../collect/identity-differences.ts";
import type { BoundFunction } from "../plan/bind-inputs.ts";
import { canonicalJson } from "../../shared/canonical-json.ts";
import { listFeatureSets, readManifest } from "../store/feature-sets.ts";
import type { Lineage, Manifest } from "../store/manifest.ts";
import type { InvokeOptions } from "./invocation.ts";
import type { PublishRequest } from "../../shared/protocol/invocation.ts";
import { editedFiles, type EditedFiles } from "./edited-files.ts";
import { lineageOf } from "./lineage-of.ts";
import { resolveRequest } from "./prepare-plan.ts";
import { publishedRequest } from "./published-request.ts";
import { prepareRequest, type PrepareRequestSettings } from "./prepare-request.ts";

/** What a publish would find changed since the current version. */
export interface ChangeReport {
  readonly dataset: string;
  readonly name: string;
  /** Null if nothing has been published under the name. */
  readonly current: { readonly version: string; readonly publishedAt: string } | null;
  /** Whether a publish would have nothing to do. */
  readonly isCurrent: boolean;
  /** One sentence per change. */
  readonly changes: readonly string[];
}

/**
 * Compares what a publish would compute with what the current version was computed from, using its parameters,
 * bindings and selection unless the request gives others. Runs no code of the author's except upstream tables.
 */
export async function explainChange(
  asked: PublishRequest,
  options: InvokeOptions,
  settings: PrepareRequestSettings & { readonly dataDir: string; readonly functionsDir: string },
): Promise<ChangeReport> {
  const { bound: asNow, rows } = await resolveRequest(asked, settings, options.signal);
  const name = asked.as ?? asked.function;
  const { kind } = asNow.entry.description;
  const dataset = rows.record.name;
  const manifest = currentManifest(settings.dataDir, dataset, name, kind);
  if (manifest === undefined) return { dataset, name, current: null, isCurrent: false, changes: [] };
  const { version, publishedAt, lineage: was } = manifest;
  const current = { version, publishedAt };
  const request = { ...(await publishedRequest(asked, was, settings.catalog)), dataset };
  const { bound } = await resolveRequest(request, settings, options.signal);
  const prepared = await prepareRequest(request, options, settings, { end() {} });
  prepared.release();
  const { plan } = prepared;
  const isCurrent = manifest.fingerprint === plan.fingerprint;
  if (isCurrent) return { dataset, name, current, isCurrent, changes: [] };
  const is = lineageOf(plan, bound, settings.runtime);
  const edited = editedFiles(bound, manifest, settings.functionsDir);
  const changes = [
    ...identityDifferences(was, is).map(({ changeText }) => sentence(changeText)),
    ...codeDifferences(was, is, edited),
    ...otherDifferences(was, is, dataset, bound),
  ];
  // The inputs of a table are not recorded, nor were those further upstream in older versions of Quiver.
  if (changes.length === 0) changes.push(furtherUp(edited));
  return { dataset, name, current, isCurrent, changes };
}

function currentManifest(
  dataDir: string,
  dataset: string,
  name: string,
  kind: "feature" | "label",
): Manifest | undefined {
  const set = listFeatureSets(dataDir, dataset).find((found) => found.name === name && found.kind === kind);
  return set?.current == null ? undefined : readManifest(dataDir, set, set.current);
}

function codeDifferences(was: Lineage, is: Lineage, edited: ReadonlyMap<string, EditedFiles>): string[] {
  const upstream = is.inputs.flatMap((now) => {
    const before = was.inputs.find((other) => other.input === now.input);
    // An input that is bound to something else is reported as that, not as changed code.
    const isSame =
      before?.function === now.function && canonicalJson(before?.params) === canonicalJson(now.params);
    // A table may differ only because its dataset does, which is reported separately.
    const isOfData = before?.datasetVersion !== now.datasetVersion;
    const isOther = before?.fingerprint !== undefined && before.fingerprint !== now.fingerprint;
    return now.function !== undefined && isSame && isOther && !isOfData ? [now.function] : [];
  });
  const own = was.codeFingerprint === is.codeFingerprint || was.function !== is.function ? [] : [is.function];
  const direct = new Set([...own, ...upstream]);
  const inputs = new Set([is.function, ...is.inputs.map((input) => input.function)]);
  const further = Object.entries(is.sources?.functions ?? {}).flatMap(([name, code]) => {
    const before = was.sources?.functions[name];
    return inputs.has(name) || before === undefined || before === code ? [] : [name];
  });
  return [...direct, ...further].map((name) => {
    const role =
      name === is.function ? "" : direct.has(name) ? `, which ${is.function} reads,` : ", further up,";
    return `The code of ${name}${role} has changed${editedText(edited.get(name))}.`;
  });
}

function furtherUp(edited: ReadonlyMap<string, EditedFiles>): string {
  const [name, files] = [...edited].find(([, { paths }]) => paths.length > 0) ?? [];
  return name === undefined || files === undefined
    ? "A function or a dataset further up, which the version does not record, has changed."
    : `The code of ${name}, further up, has changed${editedText(files)}.`;
}

function editedText(files: EditedFiles | undefined): string {
  if (files === undefined || files.paths.length === 0) return "";
  const { paths, isCertain } = files;
  const verb = !isCertain ? "may have been" : paths.length === 1 ? "was" : "were";
  return `: ${paths.join(", ")} ${verb} edited since`;
}

/** Differences in data, time and runtime, which make another version of the same feature set. */
function otherDifferences(was: Lineage, is: Lineage, own: string, bound: BoundFunction): string[] {
  const changes: string[] = [];
  const told = new Set<string>();
  for (const { input, dataset, datasetVersion } of is.inputs) {
    const before = was.inputs.find((other) => other.input === input);
    if (dataset === undefined || before?.dataset !== dataset || before.datasetVersion === datasetVersion)
      continue;
    told.add(dataset);
    changes.push(`The dataset ${dataset}, which the input ${input} reads, has changed.`);
  }
  for (const [dataset, version] of Object.entries(is.sources?.datasets ?? {})) {
    const before = was.sources?.datasets[dataset];
    if (told.has(dataset) || before === undefined || before === version) continue;
    const reader = bound.upstream
      .map((upstream) => readerOf(dataset, own, upstream))
      .find((one) => one !== undefined);
    changes.push(
      `The dataset ${dataset}, ${reader === undefined ? "" : `which ${reader} reads `}further up, has changed.`,
    );
  }
  for (const key of ["asOf", "from", "to"] as const) {
    if (was[key] !== is[key]) changes.push(`\`${key}\` was ${shown(was[key])}, would be ${shown(is[key])}.`);
  }
  if (JSON.stringify(was.runtime) !== JSON.stringify(is.runtime)) {
    changes.push(`The runtime was ${runtimeText(was.runtime)}, would be ${runtimeText(is.runtime)}.`);
  }
  return changes;
}

/** The function, this one or one it reads, that reads a dataset directly. */
function readerOf(dataset: string, own: string, bound: BoundFunction): string | undefined {
  const reads = bound.columns.some((column) => {
    if (column.from === "function") return false;
    const { source } = column;
    return (source.kind === "own" ? own : source.dataset) === dataset;
  });
  if (reads) return bound.entry.name;
  return bound.upstream.map((upstream) => readerOf(dataset, own, upstream)).find((one) => one !== undefined);
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function shown(value: string | null): string {
  return value ?? "left out";
}

function runtimeText(runtime: Readonly<Record<string, string>>): string {
  return Object.entries(runtime)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ");
}
