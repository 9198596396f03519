/** What a child may use; enforced from outside it, by polling and by killing its whole process group. */
export interface Limits {
  readonly wallTimeMs: number;
  /** Private memory of the child and everything it started; mapped input files do not count. */
  readonly memoryBytes: number;
  /** Disk blocks and lengths of the files in the child's own output directory, in total. */
  readonly outputBytes: number;
  /** Bytes printed to stdout and stderr together. */
  readonly logBytes: number;
}

const MiB = 1024 * 1024;

/** Limits for work that declares none. */
const DEFAULT_LIMITS: Limits = {
  wallTimeMs: 60_000,
  memoryBytes: 2048 * MiB,
  outputBytes: 8192 * MiB,
  logBytes: 16 * MiB,
};

/** The given limits, with defaults for those left out. */
export function withDefaults(limits: Partial<Limits>): Limits {
  return { ...DEFAULT_LIMITS, ...limits };
}
