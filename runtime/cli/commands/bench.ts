import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { QuiverError } from "../../../shared/errors/index.ts";
import { executablePath } from "../../platform/executable-path.ts";
import { runtimeName } from "../../platform/runtime-facts.ts";
import type { CommandContext } from "../context.ts";

/** `quiver bench`: runs the benchmarks in another process and resolves to its exit code. */
export async function benchCommand(context: CommandContext, args: readonly string[]): Promise<number> {
  const main = fileURLToPath(new URL("../../../test/bench/main.ts", import.meta.url));
  if (!existsSync(main)) {
    throw new QuiverError(
      "not-found",
      `Cannot run the benchmarks: ${main} does not exist. It is part of the repository.`,
    );
  }
  const prefix = runtimeName() === "deno" ? ["run", "-A", "--quiet"] : [];
  const flags = context.json ? ["--json"] : [];
  const child = spawn(executablePath(), [...prefix, main, ...flags, ...args], { stdio: "inherit" });
  context.signal.addEventListener("abort", () => child.kill("SIGTERM"));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => {
      resolve(code ?? 1);
    });
  });
}
