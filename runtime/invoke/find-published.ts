import { findCurrent } from "../collect/find-version.ts";
import type { Manifest } from "../store/manifest.ts";
import type { InvokeOptions, PublishRequest } from "./invocation.ts";
import { fingerprintOfRequest, resolveRequest } from "./prepare-plan.ts";
import type { PrepareRequestSettings } from "./prepare-request.ts";
import { findTableInput } from "./table-input.ts";

/** The current version, which holds what a request asks for already. */
export interface PublishedVersion {
  readonly dataset: string;
  readonly manifest: Manifest;
}

/**
 * Looks whether what is current is what a request asks for, without opening any rows and without starting a process.
 * Undefined where it is not, and where it takes more to know: a table function's rows have to be made first.
 */
export async function findPublished(
  request: PublishRequest,
  options: InvokeOptions,
  settings: PrepareRequestSettings & { readonly dataDir: string },
): Promise<PublishedVersion | undefined> {
  const resolved = await resolveRequest(request, settings, options.signal);
  if (findTableInput(resolved.bound) !== undefined) return undefined;
  const { description, name } = resolved.bound.entry;
  const dataset = resolved.rows.record.name;
  const target = { dataDir: settings.dataDir, dataset, name: request.as ?? name, kind: description.kind };
  const manifest = await findCurrent(target, fingerprintOfRequest(request, resolved, settings));
  return manifest === undefined ? undefined : { dataset, manifest };
}
