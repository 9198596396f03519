import { defined } from "../../shared/defined.ts";
import type { DatasetRecord } from "../store/dataset.ts";
import type { SourceShape } from "./describe-source.ts";
import type { ImportRequest } from "../../shared/protocol/import.ts";

/** Completes the request with the options by which the dataset's earlier files were read. */
export function withDefaults(request: ImportRequest, existing: DatasetRecord | undefined): ImportRequest {
  const merged = existing === undefined ? request : { ...existing.defaults, ...request };
  // A shell often passes a tab as these two characters.
  return merged.separator === "\\t" ? { ...merged, separator: "\t" } : merged;
}

/**
 * Drops inherited options that name columns which these files do not have, because later files may use canonical names.
 * Options of the request itself stay, so that they are refused by name.
 */
export function withoutForeignNames(
  request: ImportRequest,
  existing: DatasetRecord | undefined,
  shapes: readonly SourceShape[],
): ImportRequest {
  if (existing === undefined) return request;
  const { defaults } = existing;
  const isThere = (name: string) =>
    shapes.some((shape) => shape.columns.some((column) => column.name === name));
  const areThere = (source: string) => isThere(source) || source.split("+").every(isThere);
  const { mapping, ignore, knownAt, ...rest } = request;
  const keptMapping =
    mapping === defaults.mapping
      ? Object.fromEntries(Object.entries(mapping ?? {}).filter(([, source]) => areThere(source)))
      : mapping;
  const keptIgnore = ignore === defaults.ignore ? (ignore ?? []).filter(isThere) : ignore;
  const isKnownForeign = knownAt !== undefined && knownAt === defaults.knownAt && !isThere(knownAt);
  return {
    ...rest,
    ...defined({ mapping: keptMapping, ignore: keptIgnore }),
    ...(knownAt === undefined || isKnownForeign ? {} : { knownAt }),
  };
}
