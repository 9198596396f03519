import { readFileSync } from "node:fs";
import { cpus, release, totalmem, type as systemType } from "node:os";
import { runtimeFacts } from "../../../runtime/platform/runtime-facts.ts";

/** What the figures were measured on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  /** Of Quiver's packages that decide the figures, and of the runtime that ran the benchmark. */
  readonly versions: Readonly<Record<string, string>>;
  readonly date: string;
}

export function machine(now: Date = new Date()): Machine {
  const { name, version } = runtimeFacts();
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: `${systemType()} ${release()}`,
    versions: { [name]: version, ...packageVersions(["bun", "deno", "@duckdb/node-api", "apache-arrow"]) },
    date: now.toISOString().slice(0, 10),
  };
}

function packageVersions(names: readonly string[]): Record<string, string> {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL("../../../package.json", import.meta.url), "utf8"),
  );
  const { dependencies } = manifest as { dependencies: Record<string, string> };
  return Object.fromEntries(names.map((name) => [name, dependencies[name] ?? "?"]));
}
