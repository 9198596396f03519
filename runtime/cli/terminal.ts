import { once } from "node:events";

/** Where a command writes. Results go to `out`, everything else (progress, hints, errors) to `err`. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Resolves when there is room for more. */
  write(bytes: Uint8Array): Promise<void>;
  /** Whether a person is watching `err`: bars instead of lines. */
  readonly isInteractive: boolean;
}

export function processTerminal(): Terminal {
  // `quiver sql … | head` closes the pipe early: that is not a failure.
  process.stdout.on("error", (error: Error & { code?: string }) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  return {
    out: (text) => {
      process.stdout.write(text);
    },
    err: (text) => {
      process.stderr.write(text);
    },
    write: async (bytes) => {
      if (!process.stdout.write(bytes)) await once(process.stdout, "drain");
    },
    isInteractive: process.stderr.isTTY === true && process.env["CI"] === undefined,
  };
}
