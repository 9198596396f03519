import type { ResolvedColumn } from "../../shared/contract/describe.ts";

/** One Parquet file of a version. The path is relative to the manifest and may point into an earlier version. */
export interface ManifestPart {
  readonly path: string;
  readonly rowCount: number;
  readonly byteLength: number;
  readonly sha256: string;
  readonly firstSymbol: string;
  readonly lastSymbol: string;
}

/** A file of a version besides its parts. */
export interface ManifestFile {
  readonly path: string;
  readonly byteLength: number;
  readonly sha256: string;
}

/** How a version was made: as a whole, or from an earlier one. */
export interface ManifestMaking {
  /** The version that it extends; null when everything was computed. */
  readonly appendedTo: string | null;
  readonly rowsComputed: number;
  /** Symbols whose earlier rows were computed again, because some had changed or shared a file with changed ones. */
  readonly symbolsRecomputed: number;
  /** Parts that belong to earlier versions. */
  readonly partsReferenced: number;
}

/** What a version was computed from: enough to compute it again, or to explain why the result would differ. */
export interface Lineage {
  readonly function: string;
  readonly codeFingerprint: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly inputs: readonly {
    readonly input: string;
    readonly dataset?: string;
    readonly datasetVersion?: string;
    readonly function?: string;
    /** The parsed parameters of the function that is the input. */
    readonly params?: Readonly<Record<string, unknown>>;
    readonly fingerprint?: string;
  }[];
  /** Those of the inputs that the request bound; absent in manifests of older versions. */
  readonly bound?: readonly string[];
  readonly symbols: readonly string[] | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly asOf: string | null;
  readonly runtime: Readonly<Record<string, string>>;
  /** Everything it depends on, directly or not; absent in manifests of older versions. */
  readonly sources?: {
    /** The versions of datasets, by name. */
    readonly datasets: Readonly<Record<string, string>>;
    /** The code fingerprints of functions, by name. */
    readonly functions: Readonly<Record<string, string>>;
    /** Hashes of the code of each function's files, by their paths; absent in manifests of older versions. */
    readonly files?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  };
}

/** `manifest.json` of one published version. */
export interface Manifest {
  readonly formatVersion: 1;
  readonly dataset: string;
  readonly name: string;
  readonly kind: "feature" | "label";
  readonly version: string;
  readonly fingerprint: string;
  readonly publishedAt: string;
  readonly schema: readonly (ResolvedColumn & { readonly nullCount: number; readonly infCount: number })[];
  readonly tsType: "date32" | "timestamp";
  readonly rowCount: number;
  readonly byteLength: number;
  readonly firstTs: string | null;
  readonly lastTs: string | null;
  readonly rowChecksum: string;
  readonly parts: readonly ManifestPart[];
  /** The file in this version's folder that the next version resumes from; null, or absent in older manifests, if none. */
  readonly resume?: ManifestFile | null;
  /** Absent in manifests of older versions. */
  readonly made?: ManifestMaking;
  readonly lineage: Lineage;
  readonly timings: readonly { readonly stage: string; readonly milliseconds: number }[];
}
