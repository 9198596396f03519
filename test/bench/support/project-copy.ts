import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const PROJECT = fileURLToPath(new URL("../../..", import.meta.url));
const COPIED = ["runtime", "shared", "package.json", "package-lock.json", "deno.json"];

/** Sources to be edited: Quiver itself, kernels and functions, with the packages of the real ones. */
export interface ProjectCopy {
  readonly dir: string;
  readonly functionsDir: string;
  /** Replaces a piece of a file that stands there once; throws where it does not. */
  edit(path: string, from: string, to: string): void;
  /** Writes a file there was none of. */
  add(path: string, contents: string): void;
  /** Takes back what was done to a file since the copy was made. */
  revert(path: string): void;
}

/** With all functions, or only those that are named. */
export function copyProject(dir: string, functions: readonly string[] | null = null): ProjectCopy {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  const copied = functions === null ? ["functions"] : functions.map((name) => join("functions", name));
  for (const name of [...COPIED, ...copied]) {
    cpSync(join(PROJECT, name), join(dir, name), { recursive: true });
  }
  symlinkSync(join(PROJECT, "node_modules"), join(dir, "node_modules"));
  const before = new Map<string, string | null>();
  return {
    dir,
    functionsDir: join(dir, "functions"),
    edit(path, from, to) {
      const text = readFileSync(join(dir, path), "utf8");
      const count = text.split(from).length - 1;
      if (count !== 1) throw new Error(`${path} holds ${JSON.stringify(from)} ${count} times, expected once`);
      if (!before.has(path)) before.set(path, text);
      writeFileSync(
        join(dir, path),
        text.replace(from, () => to),
      );
    },
    add(path, contents) {
      before.set(path, null);
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), contents);
    },
    revert(path) {
      const text = before.get(path);
      if (text === undefined) throw new Error(`${path} was not edited`);
      if (text === null) rmSync(dirname(join(dir, path)), { recursive: true });
      else writeFileSync(join(dir, path), text);
    },
  };
}
