import { once } from "node:events";
import { createInterface } from "node:readline/promises";

/** Where a command writes. Results go to `out`, everything else (progress, hints, errors) to `err`. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Resolves when there is room for more. */
  write(bytes: Uint8Array): Promise<void>;
  /** Puts a question to whoever sits there, and resolves to whether the answer is yes; absent where nobody does. */
  readonly ask?: (question: string) => Promise<boolean>;
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
    ...(process.stdin.isTTY === true && process.stderr.isTTY === true ? { ask } : {}),
    isInteractive: process.stderr.isTTY === true && process.env["CI"] === undefined,
  };
}

async function ask(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    // At Ctrl-C and at the end of the input one runtime rejects the question, the other never resolves it.
    const answer = await Promise.race([
      lines.question(question).catch(() => ""),
      once(lines, "close").then(() => ""),
    ]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}
