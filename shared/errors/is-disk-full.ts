import { messageOf } from "./message-of.ts";

/** Whether an error, of the system or of DuckDB, means that the disk or a quota on it is full. */
export function isDiskFull(error: unknown): boolean {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return code === "ENOSPC" || code === "EDQUOT" || WORDS.test(messageOf(error));
}

/** DuckDB's errors carry no codes, and an error that crossed a process boundary may have lost its own. */
const WORDS = /^(ENOSPC|EDQUOT)\b|no space left on device|disk quota exceeded/i;
