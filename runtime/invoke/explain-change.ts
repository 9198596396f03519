import { statSync } from "node:fs";
import { relative } from "node:path";
import { identityDifferences } from "../collect/identity-differences.ts";
import type { BoundFunction } from "../plan/bind-inputs.ts";
import { listFeatureSets, readManifest } from "../store/feature-sets.ts";
import type { Lineage, Manifest } from "../store/manifest.ts";
import type { InvokeOptions, PublishRequest } from "./invocation.ts";
import { lineageOf } from "./lineage-of.ts";
import { resolveRequest } from "./prepare-plan.ts";
import { prepareRequest, type PrepareRequestSettings } from "./prepare-request.ts";

/** What a publish would find changed since the version that is current. */
export interface ChangeReport {
  readonly dataset: string;
  readonly name: string;
  /** Null when nothing was published under the name yet. */
  readonly current: { readonly version: string; readonly publishedAt: string } | null;
  /** Whether a publish would find nothing to do. */
  readonly isCurrent: boolean;
  /** Sentences, one a change. */
  readonly changes: readonly string[];
}

/** Compares what a publish would compute with what the current version was computed from. Runs nothing of the author's but upstream tables. */
export async function explainChange(
  request: PublishRequest,
  options: InvokeOptions,
  settings: PrepareRequestSettings & { readonly dataDir: string; readonly functionsDir: string },
): Promise<ChangeReport> {
  const { bound } = await resolveRequest(request, settings, options.signal);
  const prepared = await prepareRequest(request, options, settings, { end() {} });
  prepared.release();
  const { plan } = prepared;
  const name = request.as ?? plan.function;
  const manifest = currentManifest(settings.dataDir, plan.dataset, name, plan.kind);
  const report = { dataset: plan.dataset, name };
  if (manifest === undefined) return { ...report, current: null, isCurrent: false, changes: [] };
  const { version, publishedAt, lineage: was } = manifest;
  const changes = [
    ...identityDifferences(was, lineageOf(plan, settings.runtime)).map(({ text }) => sentence(text)),
    ...otherDifferences(was, lineageOf(plan, settings.runtime), () =>
      changedSince(bound, Date.parse(publishedAt), settings.functionsDir),
    ),
  ];
  const isCurrent = manifest.fingerprint === plan.fingerprint;
  return { ...report, current: { version, publishedAt }, isCurrent, changes };
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

/** Differences that make another version of the same feature set. */
function otherDifferences(was: Lineage, is: Lineage, filesSince: () => readonly string[]): string[] {
  const changes: string[] = [];
  const upstream = is.inputs.filter(({ input, fingerprint }) => {
    const before = was.inputs.find((other) => other.input === input);
    // An input that is bound to something else now is told as that, not as other code.
    return (
      fingerprint !== undefined && before?.fingerprint !== undefined && before.fingerprint !== fingerprint
    );
  });
  if (was.codeFingerprint !== is.codeFingerprint || upstream.length > 0) {
    const files = filesSince();
    const where = files.length === 0 ? "" : ` Files changed since: ${files.join(", ")}.`;
    const whose = [
      ...(was.codeFingerprint === is.codeFingerprint ? [] : [is.function]),
      ...upstream.map(({ function: name }) => name ?? ""),
    ];
    changes.push(`The code that can run of ${[...new Set(whose)].join(" and ")} is other.${where}`);
  }
  for (const { input, dataset, datasetVersion } of is.inputs) {
    const before = was.inputs.find((other) => other.input === input);
    if (dataset === undefined || before?.dataset !== dataset || before.datasetVersion === datasetVersion)
      continue;
    changes.push(`The dataset ${dataset}, which the input ${input} reads, has changed.`);
  }
  for (const key of ["asOf", "from", "to"] as const) {
    if (was[key] !== is[key]) changes.push(`\`${key}\` is ${shown(is[key])}, and was ${shown(was[key])}.`);
  }
  if (JSON.stringify(was.runtime) !== JSON.stringify(is.runtime)) {
    changes.push(`The runtime is ${runtimeText(is.runtime)}, and was ${runtimeText(was.runtime)}.`);
  }
  return changes;
}

/** Files of a function and of those it reads that were written after a moment. */
function changedSince(bound: BoundFunction, moment: number, functionsDir: string): string[] {
  const own = bound.entry.sources.filter((path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat === undefined || stat.mtimeMs > moment;
  });
  const upstream = bound.upstream.flatMap((one) => changedSince(one, moment, functionsDir));
  return [...new Set([...own.map((path) => relative(functionsDir, path)), ...upstream])];
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function shown(value: string | null): string {
  return value ?? "open";
}

function runtimeText(runtime: Readonly<Record<string, string>>): string {
  return Object.entries(runtime)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ");
}
