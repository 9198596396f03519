/** The limits of a child, enforced from outside by polling and by killing its whole process group. */
export interface Limits {
  readonly wallTimeMs: number;
  /** Private memory of the child and its descendants; mapped input files do not count. */
  readonly memoryBytes: number;
  /** The total size of the files in the child's output directory: the greater of length and disk blocks. */
  readonly outputBytes: number;
  /** Bytes printed to stdout and stderr together. */
  readonly logBytes: number;
}

const MiB = 1024 * 1024;

/** The limits of work that declares none. */
const DEFAULT_LIMITS: Limits = {
  wallTimeMs: 60_000,
  memoryBytes: 2048 * MiB,
  outputBytes: 8192 * MiB,
  logBytes: 16 * MiB,
};

/** The given limits, with defaults for omitted ones. */
export function withDefaults(limits: Partial<Limits>): Limits {
  return { ...DEFAULT_LIMITS, ...limits };
}
