import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { type Loader, transform } from "esbuild";

/**
 * A hash of the code in a file, without comments, types and white space: what the file gives to the fingerprint of a
 * function. Files of other kinds are hashed as they are.
 */
export async function hashCode(path: string): Promise<string> {
  const content = await readFile(path, "utf8");
  const loader = LOADERS[extname(path)];
  const code =
    loader === undefined
      ? content
      : (await transform(content, { loader, minifyWhitespace: true, legalComments: "none", charset: "utf8" }))
          .code;
  return createHash("sha256").update(code).digest("hex").slice(0, 32);
}

const LOADERS: Readonly<Record<string, Loader>> = {
  ".cjs": "js",
  ".cts": "ts",
  ".js": "js",
  ".jsx": "jsx",
  ".mjs": "js",
  ".mts": "ts",
  ".ts": "ts",
  ".tsx": "tsx",
};
