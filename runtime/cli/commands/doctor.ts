import { accessSync, constants, existsSync, readFileSync, statfsSync } from "node:fs";
import { createServer } from "node:net";
import { availableParallelism, totalmem } from "node:os";
import { dirname, resolve } from "node:path";
import { messageOf } from "../../../shared/errors/index.ts";
import { findFunctions } from "../../catalog/find-functions.ts";
import { runtimeFacts } from "../../platform/runtime-facts.ts";
import { SETTING_NAMES, SETTINGS, settingFlag, settingVariable, type Settings } from "../../settings.ts";
import { lockOwner } from "../../store/data-lock.ts";
import { findLiveServer } from "../../store/server-file.ts";
import type { CommandContext } from "../context.ts";
import { doctorChecks, type Finding } from "../doctor-checks.ts";
import { byteText, textTable } from "../text-table.ts";

/** `quiver doctor`: tries what Quiver needs, and resolves to whether all of it works. */
export async function doctorCommand(context: CommandContext): Promise<boolean> {
  const { settings, terminal } = context;
  const findings = [
    ...machine(),
    ...dataDir(settings),
    await functionsFinding(settings),
    await server(settings),
    await port(settings),
    ...(await doctorChecks(settings)),
  ];
  const healthy = findings.every((finding) => finding.verdict !== "problem");
  if (context.json) {
    terminal.out(
      `${JSON.stringify({ healthy, findings, settings: { ...settings, token: settings.token === "" ? "" : "(set)" } })}\n`,
    );
    return healthy;
  }
  terminal.out(
    textTable(
      ["", "what", "finding"],
      findings.map(({ verdict, what, detail }) => [MARKS[verdict], what, detail]),
    ),
  );
  terminal.out(`\n${settingsText(settings)}`);
  return healthy;
}

const MARKS = { ok: "ok", note: "·", problem: "!!" } as const;

function machine(): Finding[] {
  const { name, version, engine } = runtimeFacts();
  const versions = ["@duckdb/node-api", "apache-arrow", "hono", "zod"].map(
    (it) => `${it} ${packageVersion(it)}`,
  );
  return [
    {
      what: "runtime",
      verdict: "ok",
      detail: `${name} ${version} (${engine}), ${process.platform} ${process.arch}`,
    },
    { what: "packages", verdict: "note", detail: versions.join(", ") },
    {
      what: "machine",
      verdict: "note",
      detail: `${availableParallelism()} cores, ${byteText(totalmem())} memory`,
    },
  ];
}

function packageVersion(name: string): string {
  const path = new URL(`../../../node_modules/${name}/package.json`, import.meta.url);
  if (!existsSync(path)) return "(absent)";
  const value: unknown = JSON.parse(readFileSync(path, "utf8"));
  const isNamed = typeof value === "object" && value !== null && "version" in value;
  return isNamed ? String(value.version) : "(unknown)";
}

function dataDir({ data, spoolBytes }: Settings): Finding[] {
  const path = resolve(data);
  const there = nearestExisting(path);
  const writable = isWritable(there);
  const { bavail, bsize } = statfsSync(there);
  const free = bavail * bsize;
  const lock = existsSync(path) && writable ? lockFinding(path) : NOBODY;
  return [
    {
      what: "data directory",
      verdict: writable ? "ok" : "problem",
      detail: `${path} is ${existsSync(path) ? "" : "not there yet and "}${writable ? "writable" : "not writable: give another with --data"}`,
    },
    lock,
    {
      what: "disk",
      verdict: free < 2 ** 30 ? "problem" : "ok",
      detail: `${byteText(free)} free; the spool may take ${byteText(spoolBytes)}`,
    },
  ];
}

const NOBODY: Finding = { what: "lock", verdict: "note", detail: "no process is writing" };

/** Looking at the lock may fail even in a folder that looks writable: then the failure is the finding. */
function lockFinding(path: string): Finding {
  try {
    const owner = lockOwner(path);
    if (owner === undefined) return NOBODY;
    return {
      what: "lock",
      verdict: "note",
      detail: `held by process ${owner.pid} (quiver ${owner.command})`,
    };
  } catch (error) {
    return {
      what: "lock",
      verdict: "problem",
      detail: messageOf(error),
    };
  }
}

/** A missing folder often means that the command runs in another folder than the project's, as from cron. */
async function functionsFinding({ functions }: Settings): Promise<Finding> {
  const path = resolve(functions);
  const found = await findFunctions(path);
  if (existsSync(path)) return { what: "functions", verdict: "ok", detail: `${found.length} in ${path}` };
  const detail = `${path} does not exist: "quiver new my-feature" makes one, or name another folder with --functions`;
  return { what: "functions", verdict: "note", detail };
}

async function server({ data }: Settings): Promise<Finding> {
  const live = await findLiveServer(data);
  const detail = live === undefined ? "none for this data directory" : `${live.url}, process ${live.pid}`;
  return { what: "live server", verdict: "note", detail };
}

async function port({ host, port: number, data }: Settings): Promise<Finding> {
  const live = await findLiveServer(data);
  const taken = await isTaken(host, number);
  const ours = live !== undefined && live.url.endsWith(`:${number}`);
  const detail = taken ? (ours ? "taken by our own server" : "taken: give another with --port") : "free";
  return { what: `port ${number}`, verdict: taken && !ours ? "problem" : "ok", detail };
}

function isTaken(host: string, number: number): Promise<boolean> {
  return new Promise((resolvePromise) => {
    const probe = createServer();
    probe.once("error", () => {
      resolvePromise(true);
    });
    probe.listen(number, host, () => {
      probe.close(() => {
        resolvePromise(false);
      });
    });
  });
}

function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function settingsText(settings: Settings): string {
  return textTable(
    ["setting", "variable", "now", "what"],
    SETTING_NAMES.map((name) => {
      const value = name === "token" && settings.token !== "" ? "(set)" : settings[name];
      const shown =
        SETTINGS[name].kind === "bytes" && typeof value === "number" ? byteText(value) : String(value);
      return [settingFlag(name), settingVariable(name), shown, SETTINGS[name].help];
    }),
  );
}
