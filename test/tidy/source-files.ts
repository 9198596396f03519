import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

const LEFT_OUT = new Set(["node_modules", ".git", "data", ".cache"]);

export interface SourceFile {
  /** Relative to the project, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** Files of ours that it imports, by path; a package by its name. */
  readonly imports: readonly string[];
  /** Those of them that are there when it runs: types are not. */
  readonly needs: readonly string[];
}

/** Every text file of the project that a clone would have. */
export function projectFiles(dir = ROOT): SourceFile[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    if (LEFT_OUT.has(entry.name)) return [];
    if (entry.isDirectory()) return projectFiles(path);
    if (!entry.isFile() || !/\.(ts|mjs|json|md|py|yml|run|npmrc)$|^(LICENSE|run|\.npmrc)$/.test(entry.name))
      return [];
    const text = readFileSync(path, "utf8");
    return [
      {
        path: relative(ROOT, path),
        text,
        imports: importsOf(path, text),
        needs: importsOf(path, withoutTypeImports(text)),
      },
    ];
  });
}

const OWN_NAMES: Readonly<Record<string, string>> = {
  quiver: "shared/contract/index.ts",
  "quiver/client": "shared/client/index.ts",
  "quiver/kernels": "shared/kernels/index.ts",
  "quiver/runtime": "runtime/embed/index.ts",
  "quiver/testing": "shared/testing/index.ts",
};

function withoutTypeImports(text: string): string {
  return text.replaceAll(/^(import|export) type\b[^"]*"[^"]*";/gm, "");
}

function importsOf(path: string, text: string): string[] {
  if (!/\.(ts|mjs)$/.test(path)) return [];
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$|`(?:[^`\\]|\\.)*`/gm, "");
  const found = code.matchAll(
    /^\s*(?:import|export)\b[^"'`;]*?from\s+"([^"]+)"|^\s*import\s+"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)/gm,
  );
  const specifiers = [...found].map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? "");
  return specifiers
    .filter((specifier) => !specifier.includes("${"))
    .map((specifier) => {
      if (!specifier.startsWith(".")) return OWN_NAMES[specifier] ?? specifier;
      const target = join(dirname(path), specifier);
      return existsSync(target) ? relative(ROOT, target) : `missing: ${specifier}`;
    });
}
