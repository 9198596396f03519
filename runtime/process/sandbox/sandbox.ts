/** A command with its environment. */
export interface SandboxedCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Files to remove when the command has ended. */
  readonly leftovers: readonly string[];
}

/** The command to run inside a sandbox. */
export interface InnerCommand {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The working directory, and the only writable one. */
  readonly outDir: string;
}

/** A way to run a command in a view of the file system, without network, other processes or capabilities. */
export interface Sandbox {
  /** Which program makes the namespaces. */
  readonly by: "perl" | "util-linux";
  enter(inner: InnerCommand): SandboxedCommand;
}

/** The exit code of both ways when a namespace or a mount is refused. */
export const REFUSED_EXIT_CODE = 96;
