import type { Command } from "commander";
import { benchCommand } from "../commands/bench.ts";
import { demoCommand } from "../commands/demo.ts";
import { doctorCommand } from "../commands/doctor.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import type { CommandParts } from "./command-parts.ts";
import { importFlags } from "./shared-options.ts";

/** Whether and how well it all works on this machine. */
export function addMachineCommands(
  program: Command,
  { contextOf, contextWith, exitWith, done }: CommandParts,
): void {
  program
    .command("doctor")
    .description("what works here and what does not, and every setting")
    .action(async (_: object, command: Command) => {
      const healthy = await doctorCommand(contextOf(command));
      exitWith(healthy ? EXIT_CODES.done.code : EXIT_CODES.fault.code);
    });

  // Its `--data` takes files, where the setting of that name takes a directory.
  importFlags(program.command("demo"))
    .description("the main job on a made-up market, or on your own files with -- --data <files…>")
    .option("--data <files...>", "CSV or Parquet files of your own")
    .option("--symbols <count>", "symbols of the made-up market (default: 500)")
    .action(async (options: { data?: string[]; symbols?: string }, command: Command) => {
      await demoCommand(
        contextWith({ ...command.opts(), ...program.opts(), data: program.opts()["data"] }),
        options,
      );
      done();
    });

  program
    .command("bench")
    .description("the benchmarks")
    .allowUnknownOption()
    .argument("[arguments...]")
    .action(async (args: string[], _: object, command: Command) => {
      exitWith(await benchCommand(contextOf(command), args));
    });
}
