import * as fs from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";

const LIBC_FILES = fileURLToPath(new URL("../platform/libc-files.ts", import.meta.url));
const FROM_LIBC = [
  "openSync",
  "closeSync",
  "fsyncSync",
  "readSync",
  "writeSync",
  "writeFileSync",
  "mkdirSync",
  "unlinkSync",
  "rmSync",
];

/**
 * Replaces `node:fs` with `libc-files.ts` in a child's bundle for Bun. Other functions load the real module when they
 * are first called.
 */
export function lazyFileSystem(): Plugin {
  return {
    name: "lazy-file-system",
    setup(build) {
      build.onResolve({ filter: /^(node:)?fs$/ }, () => ({ path: "fs", namespace: "lazy-file-system" }));
      build.onLoad({ filter: /.*/, namespace: "lazy-file-system" }, () => ({
        contents: fileSystemSource(),
        resolveDir: "/",
        loader: "js",
      }));
    },
  };
}

function fileSystemSource(): string {
  const later = Object.entries(fs)
    .filter(
      ([name, value]) => typeof value === "function" && /^[a-z]/.test(name) && !FROM_LIBC.includes(name),
    )
    .map(
      ([name]) =>
        `export const ${name} = (...given) => process.getBuiltinModule("node:fs").${name}(...given);`,
    );
  return [`export { ${FROM_LIBC.join(", ")} } from ${JSON.stringify(LIBC_FILES)};`, ...later].join("\n");
}
