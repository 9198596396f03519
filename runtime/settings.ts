import { didYouMean, QuiverError } from "../shared/errors/index.ts";
import { parseDuration } from "../shared/units/parse-duration.ts";
import { parseSize } from "../shared/units/parse-size.ts";

const MiB = 1024 * 1024;
const GiB = 1024 * MiB;
const HOUR_MS = 3_600_000;

/** One limit or default. `logBytes` is the flag `--log-bytes` and the environment variable `QUIVER_LOG_BYTES`. */
export interface SettingSpec {
  readonly kind: "text" | "count" | "bytes" | "milliseconds" | "path";
  readonly default: string | number;
  /** The smallest number accepted; 0 if absent. */
  readonly min?: number;
  readonly max?: number;
  /** What the help calls the flag's value; a word for the kind if absent. */
  readonly placeholder?: string;
  readonly help: string;
}

/** Every limit and default. Flags, environment variables, `quiver doctor` and the README follow from this table. */
export const SETTINGS = {
  data: { kind: "path", default: "data", help: "data directory: datasets, results, spool, control database" },
  functions: { kind: "path", default: "functions", help: "directory of feature functions" },
  schedule: {
    kind: "text",
    default: "",
    placeholder: "file",
    help: "file with the scheduled publications (default: schedule.json beside the functions directory)",
  },
  childCache: {
    kind: "path",
    default: "",
    help: "directory for the children's program, 110 MB on Bun; data directories that share one build it once (default: the data directory's spool)",
  },
  host: {
    kind: "text",
    default: "127.0.0.1",
    placeholder: "address",
    help: "address to listen on; any other than loopback needs a token",
  },
  port: {
    kind: "count",
    default: 8787,
    max: 65_535,
    placeholder: "port",
    help: "port to listen on; 0 picks a free one",
  },
  token: {
    kind: "text",
    default: "",
    placeholder: "token",
    help: "bearer token that every request must carry; optional on loopback",
  },
  defaultDataset: {
    kind: "text",
    default: "demo",
    placeholder: "name",
    help: "dataset of an invocation that names none; if it does not exist, the only dataset there is",
  },
  threads: {
    kind: "count",
    default: 0,
    max: 1024,
    help: "partitions computed at once, and engine threads; 0 means one per core",
  },
  childrenMax: {
    kind: "count",
    default: 8,
    min: 1,
    max: 1024,
    help: "child processes at once, both idle and busy",
  },
  queueSizeMax: {
    kind: "count",
    default: 256,
    help: "callers that may wait for a child; further ones are refused with 429",
  },
  wallTimeMs: {
    kind: "milliseconds",
    default: 600_000,
    min: 1,
    help: "wall time of one child, unless its function sets a limit",
  },
  memoryBytes: {
    kind: "bytes",
    default: 2 * GiB,
    min: MiB,
    help: "private memory of one child, unless its function sets a limit",
  },
  outputBytes: {
    kind: "bytes",
    default: 8 * GiB,
    min: MiB,
    help: "output of one child, unless its function sets a limit",
  },
  logBytes: { kind: "bytes", default: 16 * MiB, min: 1024, help: "what one child may print" },
  spoolBytes: {
    kind: "bytes",
    default: 32 * GiB,
    min: MiB,
    help: "loaded columns cached in the spool; the least recently used are removed first",
  },
  resultBytes: {
    kind: "bytes",
    default: 4 * GiB,
    min: 0,
    help: "results cached in the spool for reuse; the least recently used are removed first",
  },
  jobsMax: {
    kind: "count",
    default: 2,
    min: 1,
    max: 64,
    help: "jobs running at once, with small ones counted separately; further ones wait",
  },
  jobQueueSizeMax: {
    kind: "count",
    default: 1_000,
    help: "jobs that may wait; further ones are refused with 429",
  },
  jobNice: {
    kind: "count",
    default: 5,
    max: 19,
    help: "niceness of the children of jobs: how far they give way to other processes; 0 is not at all",
  },
  jobCrashesMax: {
    kind: "count",
    default: 25,
    help: "how often the server may die while a job runs before the job fails",
  },
  jobResultKeptMs: {
    kind: "milliseconds",
    default: 24 * HOUR_MS,
    help: "how long the unpublished result of a job is kept; after that, 410",
  },
  jobResultBytes: {
    kind: "bytes",
    default: 16 * GiB,
    help: "unpublished results of jobs kept in the spool; the oldest are removed first",
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
    help: "SQL queries running at once; further ones are refused with 429",
  },
  jsonRowsMax: {
    kind: "count",
    default: 100_000,
    min: 1,
    help: "rows of a JSON or NDJSON answer, unless the request sets another limit",
  },
  invocationsKeptMax: {
    kind: "count",
    default: 100_000,
    min: 1,
    help: "invocations recorded in the control database; the oldest are removed first",
  },
  jsonBodyBytesMax: {
    kind: "bytes",
    default: 2 * MiB,
    min: 1024,
    help: "size of a JSON request body; larger ones are refused with 413",
  },
  arrowBodyBytesMax: {
    kind: "bytes",
    default: 4 * GiB,
    min: 1024,
    help: "size of an Arrow request body; larger ones are refused with 413",
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

/** A checked value for every setting. */
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

/** A default as a person would write it: `2GiB`, `60s`; empty if there is none. */
export function settingDefault(name: SettingName): string {
  const { kind, default: value }: SettingSpec = SETTINGS[name];
  return typeof value === "string" ? value : amountText(value, kind);
}

/** What the help calls the value of a setting's flag: `duration`, `port`. */
export function settingPlaceholder(name: SettingName): string {
  const { kind, placeholder = PLACEHOLDERS[kind] }: SettingSpec = SETTINGS[name];
  return placeholder;
}

const PLACEHOLDERS: Readonly<Record<SettingSpec["kind"], string>> = {
  text: "text",
  count: "count",
  bytes: "size",
  milliseconds: "duration",
  path: "directory",
};

/**
 * Reads each setting from the flags (by setting name), else from the environment, else takes its default. Refuses a
 * value of the wrong kind, and an environment variable that starts like a setting but names none.
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
  if (!isComplete(values)) throw new TypeError("the settings read differ from the table of settings");
  return values;
}

/** Variables that start with QUIVER_ but are not settings. */
const OTHER_VARIABLES = ["QUIVER_RUNTIME"];

function settingValue(name: SettingName, text: string, from: string): string | number {
  const spec: SettingSpec = SETTINGS[name];
  if (spec.kind === "text" || spec.kind === "path") {
    if (spec.kind === "path" && text === "") throw invalid(name, text, from, "a path");
    return text;
  }
  const min = spec.min ?? 0;
  const max = spec.max ?? Number.MAX_SAFE_INTEGER;
  const value = amountOf(text, spec.kind);
  if (value === undefined || value < min || value > max)
    throw invalid(name, text, from, expectation(spec, min, max));
  return value;
}

const COUNT_UNITS: Readonly<Record<string, number>> = { "": 1, k: 1000, m: 1_000_000 };

/** Undefined for a fraction of a count; fractions of a byte or a millisecond are dropped. */
function amountOf(text: string, kind: "count" | "bytes" | "milliseconds"): number | undefined {
  if (kind === "bytes") return parseSize(text);
  if (kind === "milliseconds") {
    const milliseconds = parseDuration(text, "ms");
    return milliseconds === undefined ? undefined : Math.floor(milliseconds);
  }
  const [, value = "", unit = ""] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const count = Number(value) * (COUNT_UNITS[unit.toLowerCase()] ?? Number.NaN);
  return value === "" || !Number.isInteger(count) ? undefined : count;
}

function expectation({ kind }: SettingSpec, min: number, max: number): string {
  if (kind === "count") {
    return `a whole number ${max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`}`;
  }
  const what = kind === "bytes" ? "a size" : "a duration";
  const least = min === 0 ? "" : ` of at least ${amountText(min, kind)}`;
  return `${what}${least}, for example "${kind === "bytes" ? "512MiB" : "30s"}"`;
}

function amountText(value: number, kind: SettingSpec["kind"]): string {
  if (kind === "bytes") {
    if (value >= GiB && value % GiB === 0) return `${value / GiB}GiB`;
    if (value >= MiB && value % MiB === 0) return `${value / MiB}MiB`;
    return value >= 1024 && value % 1024 === 0 ? `${value / 1024}KiB` : `${value}`;
  }
  if (kind !== "milliseconds") return `${value}`;
  if (value >= HOUR_MS && value % HOUR_MS === 0) return `${value / HOUR_MS}h`;
  return value >= 1000 && value % 1000 === 0 ? `${value / 1000}s` : `${value}ms`;
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
