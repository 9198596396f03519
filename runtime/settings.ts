import { didYouMean, QuiverError } from "../shared/errors/index.ts";

const MiB = 1024 * 1024;
const GiB = 1024 * MiB;

/** One limit or default. The flag is the key in kebab case, the environment variable `QUIVER_` and the key in capitals. */
export interface SettingSpec {
  readonly kind: "text" | "count" | "bytes" | "milliseconds" | "path";
  readonly default: string | number;
  /** Smallest number admitted; 0 when left out. */
  readonly min?: number;
  readonly max?: number;
  readonly help: string;
}

/** Every limit and every default of Quiver. Flags, environment, `quiver doctor` and the README derive from this table. */
export const SETTINGS = {
  data: { kind: "path", default: "data", help: "data directory: datasets, results, spool, control database" },
  functions: { kind: "path", default: "functions", help: "directory of feature functions" },
  schedule: {
    kind: "text",
    default: "",
    help: "file of publications at stated times; schedule.json beside the functions where none is named",
  },
  childCache: {
    kind: "path",
    default: "",
    help: "where the children's program is kept, 110 MB on Bun; a directory for several data directories saves each a copy and the time to make it (default: the data directory's spool)",
  },
  host: {
    kind: "text",
    default: "127.0.0.1",
    help: "address to listen on; another than loopback needs a token",
  },
  port: { kind: "count", default: 8787, max: 65_535, help: "port to listen on; 0 takes a free one" },
  token: {
    kind: "text",
    default: "",
    help: "bearer token every request must bring; none on loopback by default",
  },
  defaultDataset: {
    kind: "text",
    default: "demo",
    help: "dataset of an invocation that names none; where it does not exist, the only one there is",
  },
  threads: {
    kind: "count",
    default: 0,
    max: 1024,
    help: "partitions computed at once, and engine threads; 0 is one per core",
  },
  childrenMax: {
    kind: "count",
    default: 8,
    min: 1,
    max: 1024,
    help: "child processes at once, those kept ready and those at work together",
  },
  queueSizeMax: {
    kind: "count",
    default: 256,
    help: "callers waiting for a child before new ones are refused with 429",
  },
  wallTimeMs: {
    kind: "milliseconds",
    default: 600_000,
    min: 1,
    help: "wall time of one child, where its function sets none",
  },
  memoryBytes: {
    kind: "bytes",
    default: 2 * GiB,
    min: MiB,
    help: "private memory of one child, where its function sets none",
  },
  outputBytes: {
    kind: "bytes",
    default: 8 * GiB,
    min: MiB,
    help: "output of one child, where its function sets none",
  },
  logBytes: { kind: "bytes", default: 16 * MiB, min: 1024, help: "what one child may print" },
  spoolBytes: {
    kind: "bytes",
    default: 32 * GiB,
    min: MiB,
    help: "loaded columns kept in the spool; least recently used ones go first",
  },
  resultBytes: {
    kind: "bytes",
    default: 4 * GiB,
    min: 0,
    help: "results kept in the spool in case they are asked for again; least recently used ones go first",
  },
  jobsMax: {
    kind: "count",
    default: 2,
    min: 1,
    max: 64,
    help: "jobs running at once, small ones counted apart; further ones wait",
  },
  jobQueueSizeMax: {
    kind: "count",
    default: 1_000,
    help: "jobs waiting before new ones are refused with 429",
  },
  jobNice: {
    kind: "count",
    default: 5,
    max: 19,
    help: "how far children of jobs give way to everything else on the machine; 0 is not at all",
  },
  jobCrashesMax: {
    kind: "count",
    default: 25,
    help: "how often the server may die while a job runs before the job is given up",
  },
  jobResultKeptMs: {
    kind: "milliseconds",
    default: 86_400_000,
    help: "how long the unpublished result of a job is kept; then 410",
  },
  jobResultBytes: {
    kind: "bytes",
    default: 16 * GiB,
    help: "unpublished results of jobs kept in the spool; the oldest go first",
  },
  engineMemoryBytes: {
    kind: "bytes",
    default: 2 * GiB,
    min: 64 * MiB,
    help: "memory of the engine process that imports and loads",
  },
  sqlMemoryBytes: {
    kind: "bytes",
    default: 1 * GiB,
    min: 64 * MiB,
    help: "memory of the engine process that serves SQL",
  },
  sqlTimeoutMs: { kind: "milliseconds", default: 60_000, min: 1, help: "wall time of one SQL query" },
  sqlConcurrency: {
    kind: "count",
    default: 4,
    min: 1,
    max: 64,
    help: "SQL queries running at once; more are refused with 429",
  },
  jsonRowsMax: {
    kind: "count",
    default: 100_000,
    min: 1,
    help: "rows of a JSON or NDJSON answer unless the request asks for another limit",
  },
  invocationsKeptMax: {
    kind: "count",
    default: 100_000,
    min: 1,
    help: "invocations remembered in the control database; the oldest go first",
  },
  jsonBodyBytesMax: {
    kind: "bytes",
    default: 2 * MiB,
    min: 1024,
    help: "JSON request body; more is refused with 413",
  },
  arrowBodyBytesMax: {
    kind: "bytes",
    default: 4 * GiB,
    min: 1024,
    help: "Arrow request body; more is refused with 413",
  },
  stopGraceMs: {
    kind: "milliseconds",
    default: 10_000,
    help: "how long a stopping server lets running invocations finish",
  },
  lockWaitMs: {
    kind: "milliseconds",
    default: 5_000,
    help: "how long a command waits for the data directory's lock",
  },
} as const satisfies Record<string, SettingSpec>;

export type SettingName = keyof typeof SETTINGS;

/** The value of every setting, checked. */
export type Settings = {
  readonly [Name in SettingName]: (typeof SETTINGS)[Name]["default"] extends string ? string : number;
};

export const SETTING_NAMES: readonly SettingName[] = Object.keys(SETTINGS).filter(isSettingName);

/** `arrowBodyBytesMax` is `--arrow-body-bytes-max`. */
export function settingFlag(name: SettingName): string {
  return `--${kebab(name)}`;
}

/** `arrowBodyBytesMax` is `QUIVER_ARROW_BODY_BYTES_MAX`. */
export function settingVariable(name: SettingName): string {
  return `QUIVER_${kebab(name).replaceAll("-", "_").toUpperCase()}`;
}

/** A default as a person would write it: `2GiB`, `60s`; empty where there is none. */
export function settingDefault(name: SettingName): string {
  const { kind, default: value }: SettingSpec = SETTINGS[name];
  if (typeof value === "string") return value;
  if (kind === "bytes" && value % GiB === 0) return `${value / GiB}GiB`;
  if (kind === "bytes" && value % MiB === 0) return `${value / MiB}MiB`;
  return kind === "milliseconds" && value % 1000 === 0 ? `${value / 1000}s` : String(value);
}

/**
 * Settings from flags (by setting name), else the environment, else the defaults. A value of the wrong kind, and an
 * environment variable that looks like a setting and is none, are refused.
 */
export function readSettings(
  flags: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
): Settings {
  refuseUnknownVariables(environment);
  const values = Object.fromEntries(
    SETTING_NAMES.map((name) => {
      const flag = flags[name];
      const variable = environment[settingVariable(name)];
      if (typeof flag === "string" || typeof flag === "number") {
        return [name, settingValue(name, String(flag), settingFlag(name))];
      }
      if (variable !== undefined && variable !== "") {
        return [name, settingValue(name, variable, settingVariable(name))];
      }
      return [name, SETTINGS[name].default];
    }),
  );
  if (!isComplete(values)) throw new TypeError("the table of settings and the settings read differ");
  return values;
}

/** Variables that start with QUIVER_ and are not settings. */
const OTHER_VARIABLES = ["QUIVER_RUNTIME"];

const UNITS: Readonly<Record<SettingSpec["kind"], Readonly<Record<string, number>>>> = {
  bytes: { "": 1, k: 1024, m: MiB, g: GiB, kib: 1024, mib: MiB, gib: GiB, kb: 1e3, mb: 1e6, gb: 1e9 },
  milliseconds: { "": 1, ms: 1, s: 1000, m: 60_000, h: 3_600_000 },
  count: { "": 1, k: 1000, m: 1_000_000 },
  text: {},
  path: {},
};

function settingValue(name: SettingName, text: string, from: string): string | number {
  const spec: SettingSpec = SETTINGS[name];
  if (spec.kind === "text" || spec.kind === "path") {
    if (spec.kind === "path" && text === "") throw invalid(name, text, from, "a path");
    return text;
  }
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const unit = UNITS[spec.kind][(match?.[2] ?? "?").toLowerCase()];
  const min = spec.min ?? 0;
  const max = spec.max ?? Number.MAX_SAFE_INTEGER;
  const value = match === null || unit === undefined ? Number.NaN : exact(Number(match[1]) * unit, spec.kind);
  if (!(value >= min && value <= max)) throw invalid(name, text, from, expectation(spec, min, max));
  return value;
}

/** Part of a byte or a millisecond is dropped; part of a count makes no sense. */
function exact(value: number, kind: SettingSpec["kind"]): number {
  return kind === "count" && !Number.isInteger(value) ? Number.NaN : Math.floor(value);
}

function expectation(spec: SettingSpec, min: number, max: number): string {
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  const example = { bytes: ', for example "512MiB"', milliseconds: ', for example "30s"' };
  return spec.kind === "count"
    ? `a whole number ${range}`
    : `${spec.kind} ${range}${spec.kind in example ? example[spec.kind === "bytes" ? "bytes" : "milliseconds"] : ""}`;
}

function invalid(name: SettingName, given: string, from: string, expected: string): QuiverError {
  return new QuiverError(
    "setting-invalid",
    `Cannot use ${JSON.stringify(given)} for ${from}: expected ${expected}.`,
    { field: name, given, expected },
  );
}

function refuseUnknownVariables(environment: Readonly<Record<string, string | undefined>>): void {
  const known = [...SETTING_NAMES.map(settingVariable), ...OTHER_VARIABLES];
  const unknown = Object.keys(environment).find((key) => key.startsWith("QUIVER_") && !known.includes(key));
  if (unknown === undefined) return;
  throw new QuiverError(
    "setting-invalid",
    `Cannot use the environment variable ${unknown}: there is no such setting.${didYouMean(unknown, known)} "quiver doctor" lists them all.`,
    { field: unknown, known },
  );
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(SETTINGS, name);
}

function isComplete(values: Readonly<Record<string, string | number>>): values is Settings {
  return SETTING_NAMES.every((name) => typeof values[name] === typeof SETTINGS[name].default);
}
