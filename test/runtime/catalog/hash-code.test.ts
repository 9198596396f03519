import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createCodeHasher, hashCode } from "../../../runtime/catalog/hash-code.ts";

let root = "";
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "quiver-hash-"));
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

const write = (name: string, content: string) => {
  const path = join(root, name);
  writeFileSync(path, content);
  return path;
};
const CODE = "export const two: number = 1 + 1;\n";

test("hashCode() sees code, and neither comments nor types nor white space", async () => {
  const plain = await hashCode(write("plain.ts", CODE));
  const same = ["// a word\nexport const two = 1 + 1;", "/** Docs. */ export const two: unknown = 1\n  + 1;"];
  for (const [at, code] of same.entries()) expect(await hashCode(write(`same-${at}.ts`, code))).toBe(plain);
  expect(await hashCode(write("other.ts", CODE.replace("1 + 1", "2")))).not.toBe(plain);
  const json = await hashCode(write("package.json", '{"version":"1.0.0"}'));
  expect(await hashCode(write("package.json", '{"version": "1.0.0"}'))).not.toBe(json);
});

test("a hasher reads a file again after an edit, and not before", async () => {
  const hash = createCodeHasher();
  const path = write("edited.ts", CODE);
  // A file written a moment ago is read again: another edit could bear the same time.
  await expect.poll(() => hash(path) === hash(path)).toBe(true);
  const before = await hash(path);
  write("edited.ts", CODE.replace("1 + 1", "3 + 1"));
  expect(await hash(path)).not.toBe(before);
  expect(await hash(path)).toBe(await hashCode(path));
});
