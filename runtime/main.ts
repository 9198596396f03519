import { CommanderError } from "commander";
import { exitCodeOf, EXIT_CODES } from "./cli/exit-codes.ts";
import { createProgram } from "./cli/program.ts";
import { reportError } from "./cli/report-error.ts";
import { processTerminal } from "./cli/terminal.ts";
import { packageVersion } from "./package-version.ts";
import { readSettings } from "./settings.ts";

/** Every command starts here: settings, parts and effects are put together once and handed down. */
async function main(args: readonly string[]): Promise<number> {
  const terminal = processTerminal();
  const interrupt = new AbortController();
  let stopCode: number | undefined;
  // Commander's program sees every flag; this one is needed even when it refuses them.
  const json = args.includes("--json");
  for (const [signal, { code }] of [
    ["SIGINT", EXIT_CODES.interrupted],
    ["SIGTERM", EXIT_CODES.terminated],
  ] as const) {
    process.on(signal, () => {
      // Who asks twice does not want to wait.
      if (stopCode !== undefined) process.exit(code);
      stopCode = code;
      interrupt.abort();
    });
  }
  let exitCode: number = EXIT_CODES.done.code;
  const program = createProgram(
    {
      version: packageVersion(),
      context: (flags) => ({
        settings: readSettings(flags, process.env),
        terminal,
        json: flags["json"] === true,
        signal: interrupt.signal,
        environment: process.env,
        // Most commands talk to a server: what only a server needs takes as long to load as all the rest.
        wire: async (options) => (await import("./wire.ts")).wire({ ...options, version: packageVersion() }),
      }),
    },
    (code) => {
      exitCode = code;
    },
  );
  try {
    await program.parseAsync(args, { from: "user" });
    return serves(args) && stopCode !== undefined ? EXIT_CODES.done.code : (stopCode ?? exitCode);
  } catch (error) {
    if (stopCode !== undefined) return stopCode;
    // Commander has printed its sentence, or the help that was asked for, already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_CODES.refused.code;
    reportError(error, terminal, json);
    return exitCodeOf(error);
  }
}

/** Stopping is how a server ends; it has done what it should. */
function serves(args: readonly string[]): boolean {
  return args.includes("start") || args.includes("dev");
}

process.exitCode = await main(process.argv.slice(2));
