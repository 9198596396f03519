import { CommanderError } from "commander";
import { exitCodeOf } from "../../runtime/cli/exit-codes.ts";
import { createProgram } from "../../runtime/cli/program.ts";
import { reportError } from "../../runtime/cli/report-error.ts";
import type { Terminal } from "../../runtime/cli/terminal.ts";
import { readSettings } from "../../runtime/settings.ts";
import { wire } from "../../runtime/wire.ts";
import type { Wired, WireOptions } from "../../runtime/wired.ts";
import type { Ended } from "./run-quiver.ts";
import { sharedChildren } from "./shared-children.ts";

export interface RunCommandOptions {
  /** The parts of a command that works without a server; the real ones when left out. */
  readonly wire?: (options: WireOptions) => Wired;
}

/** A command in this process, with what it wrote: quicker than a process of its own, where that is not the point. */
export async function runCommand(
  args: readonly string[],
  { wire: parts = (options) => wire({ ...options, version: "0" }) }: RunCommandOptions = {},
): Promise<Ended> {
  const written = { out: "", err: "" };
  const terminal: Terminal = {
    out: (text) => void (written.out += text),
    err: (text) => void (written.err += text),
    write: (bytes) => {
      written.out += new TextDecoder().decode(bytes);
      return Promise.resolve();
    },
    isInteractive: false,
  };
  let code = 0;
  const program = createProgram(
    {
      version: "0",
      context: (flags) => ({
        settings: { ...readSettings(flags, {}), ...sharedChildren() },
        terminal,
        json: flags["json"] === true,
        signal: new AbortController().signal,
        environment: {},
        wire: parts,
      }),
    },
    (ended) => {
      code = ended;
    },
  );
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return { code: error.exitCode === 0 ? 0 : 2, ...written };
    reportError(error, terminal, args.includes("--json"));
    code = exitCodeOf(error);
  }
  return { code, ...written };
}
