import type { Command } from "commander";
import { EXIT_CODES } from "../exit-codes.ts";
import type { CommandParts } from "./command-parts.ts";
import { importFlags } from "./shared-options.ts";

/**
 * The commands that test and measure Quiver on this machine. Each is imported when it runs: no other command needs what
 * they load, and it would slow down their start.
 */
export function addMachineCommands(
  program: Command,
  { contextOf, contextWith, exitWith, done }: CommandParts,
): void {
  program
    .command("doctor")
    .description("test what works on this machine, and list every setting")
    .action(async (_: object, command: Command) => {
      const { doctorCommand } = await import("../commands/doctor.ts");
      const healthy = await doctorCommand(contextOf(command));
      exitWith(healthy ? EXIT_CODES.done.code : EXIT_CODES.fault.code);
    });

  // The `--data` of this command takes files; the setting of that name takes a directory.
  importFlags(program.command("demo"))
    .description("import, compute, publish and query a made-up market, or your own files with --data")
    .option("--data <files...>", "your own CSV or Parquet files")
    .option("--symbols <count>", "symbols of the made-up market (default: 500)")
    .action(async (options: { data?: string[]; symbols?: string }, command: Command) => {
      const { demoCommand } = await import("../commands/demo.ts");
      await demoCommand(
        contextWith({ ...command.opts(), ...program.opts(), data: program.opts()["data"] }),
        options,
      );
      done();
    });

  program
    .command("bench")
    .description("run the benchmarks")
    .allowUnknownOption()
    .argument("[arguments...]")
    .action(async (args: string[], _: object, command: Command) => {
      const { benchCommand } = await import("../commands/bench.ts");
      exitWith(await benchCommand(contextOf(command), args));
    });
}
