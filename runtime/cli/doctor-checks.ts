import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf } from "../../shared/errors/index.ts";
import { startEngine } from "../engine/start-engine.ts";
import { createFileMapper } from "../platform/map-file.ts";
import { buildChild } from "../process/build-child.ts";
import { createLauncher } from "../process/launcher.ts";
import type { Settings } from "../settings.ts";
import { childAccess, childBuild, spoolPaths } from "../spool-paths.ts";

export interface Finding {
  readonly what: string;
  /** `note` states a fact and judges nothing. */
  readonly verdict: "ok" | "note" | "problem";
  readonly detail: string;
}

/** Finds out by trying whether files can be mapped, how children are isolated and whether DuckDB starts. */
export async function doctorChecks(settings: Settings): Promise<readonly Finding[]> {
  // Not in the data directory: doctor changes nothing there, and a server may be using it.
  const scratch = mkdtempSync(join(tmpdir(), "quiver-doctor-"));
  try {
    return [mapping(), await isolation(scratch, settings), await engine(scratch)];
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function mapping(): Finding {
  const mapper = createFileMapper();
  const { kind } = mapper;
  mapper.close();
  return {
    what: "input files",
    verdict: kind === "mmap" ? "ok" : "note",
    detail:
      kind === "mmap" ? "are mapped, without a copy" : "are read into memory: this system does not map them",
  };
}

async function isolation(scratch: string, settings: Settings): Promise<Finding> {
  const paths = spoolPaths(scratch);
  try {
    const built = await buildChild(childBuild(settings, paths));
    const launcher = await createLauncher({
      built,
      cacheDir: paths.child,
      outRoot: paths.out,
      access: childAccess(paths),
    });
    const { by, network, files, descendants, why } = launcher.isolation;
    await launcher.close();
    return {
      what: "isolation of functions",
      verdict: by === "process" ? "note" : "ok",
      detail: `${by}: network ${network}, files ${files}, started processes ${descendants}${why === "" ? "" : `; no more, because ${why}`}`,
    };
  } catch (error) {
    return { what: "isolation of functions", verdict: "problem", detail: messageOf(error) };
  }
}

async function engine(scratch: string): Promise<Finding> {
  const paths = spoolPaths(scratch);
  const client = startEngine({ role: "data", dataDir: scratch, spoolDir: paths.spool });
  try {
    const { duckdbVersion } = await client.request({ op: "ping" });
    return { what: "engine", verdict: "ok", detail: `DuckDB ${duckdbVersion} starts` };
  } catch (error) {
    return { what: "engine", verdict: "problem", detail: messageOf(error) };
  } finally {
    await client.close();
  }
}
