import { closeSync, fsyncSync, openSync } from "node:fs";

/** Flushes a file to the disk: what Quiver does with every part it publishes, the tools it is compared with do too. */
export function flushFile(path: string): void {
  const file = openSync(path, "r+");
  fsyncSync(file);
  closeSync(file);
}
