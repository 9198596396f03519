import { CommanderError } from "commander";
import { exitCodeOf, EXIT_CODES } from "./cli/exit-codes.ts";
import { createProgram } from "./cli/program.ts";
import { reportError } from "./cli/report-error.ts";
import { processTerminal } from "./cli/terminal.ts";
import { packageVersion } from "./package-version.ts";
import { readSettings } from "./settings.ts";

/** Starts every command. Settings, parts and effects are put together here once and passed down. */
async function main(args: readonly string[]): Promise<number> {
  const terminal = processTerminal();
  const interrupt = new AbortController();
  let stopCode: number | undefined;
  // Read here too, because it decides how a refusal by commander is printed.
  const json = args.includes("--json");
  for (const [signal, { code }] of [
    ["SIGINT", EXIT_CODES.interrupted],
    ["SIGTERM", EXIT_CODES.terminated],
  ] as const) {
    process.on(signal, () => {
      // A second signal means: do not wait.
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
        // Imported when needed: it takes as long to load as everything else, and most commands talk to a server.
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
    // Commander has already printed its sentence, or the help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_CODES.refused.code;
    reportError(error, terminal, json);
    return exitCodeOf(error);
  }
}

/** Whether the command is a server, for which being stopped is success. */
function serves(args: readonly string[]): boolean {
  return args.includes("start") || args.includes("dev");
}

process.exitCode = await main(process.argv.slice(2));
