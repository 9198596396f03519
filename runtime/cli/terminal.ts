import { once } from "node:events";
import { createInterface } from "node:readline/promises";

/** Where a command writes: results to `out`; progress, hints and errors to `err`. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Resolves when the terminal can take more. */
  write(bytes: Uint8Array): Promise<void>;
  /** Asks a question and resolves to whether the answer is yes. Absent if nobody can answer. */
  readonly ask?: (question: string) => Promise<boolean>;
  /** Whether a person watches `err`: then progress is a bar, otherwise lines. */
  readonly isInteractive: boolean;
}

export function processTerminal(): Terminal {
  // `quiver sql … | head` closes the pipe early, which is not a failure.
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
    // At Ctrl-C and at the end of input, one runtime rejects the question and the other never resolves it.
    const answer = await Promise.race([
      lines.question(question).catch(() => ""),
      once(lines, "close").then(() => ""),
    ]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}
