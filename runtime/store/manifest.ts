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

/** A file of a version beside its parts. */
export interface ManifestFile {
  readonly path: string;
  readonly byteLength: number;
  readonly sha256: string;
}

/** How a version was made: whole, or out of an earlier one. */
export interface ManifestMaking {
  /** The version whose rows it goes on from; null when everything was computed. */
  readonly appendedTo: string | null;
  readonly rowsComputed: number;
  /** Symbols whose earlier rows were computed again, because some of them had changed or stood in a file with such. */
  readonly symbolsRecomputed: number;
  /** Parts that lie in earlier versions. */
  readonly partsReferenced: number;
}

/** What a version was computed from: enough to compute it again, or to say why it would differ. */
export interface Lineage {
  readonly function: string;
  readonly codeFingerprint: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly inputs: readonly {
    readonly input: string;
    readonly dataset?: string;
    readonly datasetVersion?: string;
    readonly function?: string;
    /** Of the function that is the input, as parsed. */
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
  /** All that it rests on, however far up; absent in manifests of older versions. */
  readonly sources?: {
    /** Versions of datasets, by name. */
    readonly datasets: Readonly<Record<string, string>>;
    /** Fingerprints of the code of functions, by name. */
    readonly functions: Readonly<Record<string, string>>;
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
  /** What the next version goes on from, in this version's folder; null (in older ones absent) when nothing can. */
  readonly resume?: ManifestFile | null;
  /** Absent in manifests of older versions. */
  readonly made?: ManifestMaking;
  readonly lineage: Lineage;
  readonly timings: readonly { readonly stage: string; readonly milliseconds: number }[];
}
