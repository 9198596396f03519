/** A command with its own environment, and what it leaves behind. */
export interface SandboxedCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Files to remove when it has ended. */
  readonly leftovers: readonly string[];
}

/** What is to run inside. */
export interface InnerCommand {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The working directory, and the only place it can write to. */
  readonly outDir: string;
}

/** A way into a view of the file system, without network, other processes or capabilities. */
export interface Sandbox {
  /** The program that makes the namespaces. */
  readonly by: "perl" | "util-linux";
  enter(inner: InnerCommand): SandboxedCommand;
}

/** What both exit with when a namespace or a mount is refused. */
export const REFUSED_EXIT_CODE = 96;
