import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { type Loader, transform } from "esbuild";
import { isUnchanged, type SourceStamp, stampOf } from "../process/source-stamp.ts";

/** As `hashCode`, for functions that share most of their files: a file that is as it was is hashed once. */
export function createCodeHasher(): typeof hashCode {
  const known = new Map<string, { readonly stamp: SourceStamp; readonly hash: Promise<string> }>();
  return (path) => {
    const found = known.get(path);
    if (found !== undefined && isUnchanged(found.stamp)) return found.hash;
    const stamp = stampOf(path, Date.now());
    const hash = hashCode(path);
    known.set(path, { stamp, hash });
    return hash;
  };
}

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
