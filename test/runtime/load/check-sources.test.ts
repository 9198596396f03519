import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { createSourceChecker } from "../../../runtime/load/check-sources.ts";
import type { DatasetRecord } from "../../../runtime/store/dataset.ts";
import { DAILY_COLUMNS, dailyBarsSql, makeDataset } from "../../support/make-dataset.ts";

const dataDir = mkdtempSync(join(tmpdir(), "quiver-sources-"));
let record: DatasetRecord;
let path: string;

beforeEach(async () => {
  record = await makeDataset({
    dataDir,
    name: "bars",
    columns: DAILY_COLUMNS,
    files: [dailyBarsSql({ symbolCount: 3, dayCount: 10 })],
  });
  path = join(dataDir, "bars", record.files[0]!.path);
});

afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

function damaged(why: string) {
  return {
    code: "dataset-damaged",
    message: `Cannot use dataset "bars": file bars/part-00000.parquet has changed since the import: ${why}. Put the file back, or import the dataset's sources again into a new dataset.`,
    facts: { dataset: "bars", file: "bars/part-00000.parquet" },
  };
}

/** Different content of the same length. */
function change(): void {
  const bytes = readFileSync(path);
  bytes[100]! ^= 1;
  writeFileSync(path, bytes);
}

describe("createSourceChecker()", () => {
  test("accepts files as they were imported", async () => {
    await expect(createSourceChecker({ dataDir }).check(record)).resolves.toBeUndefined();
  });

  test("accepts a copy with other times and another inode, after reading it", async () => {
    const copy = `${path}.copy`;
    copyFileSync(path, copy);
    renameSync(copy, path);
    utimesSync(path, 1, 1);
    await expect(createSourceChecker({ dataDir }).check(record)).resolves.toBeUndefined();
  });

  test("refuses a file whose content changed", async () => {
    change();
    await expect(createSourceChecker({ dataDir }).check(record)).rejects.toMatchObject(
      damaged("its content is different"),
    );
  });

  test("refuses a file of another length without reading it", async () => {
    writeFileSync(path, "short");
    await expect(createSourceChecker({ dataDir }).check(record)).rejects.toMatchObject(
      damaged(`it has 5 bytes, but had ${record.files[0]!.byteLength} when it was imported`),
    );
  });

  test("refuses a missing file", async () => {
    rmSync(path);
    await expect(createSourceChecker({ dataDir }).check(record)).rejects.toMatchObject(
      damaged("it is missing"),
    );
  });

  test("notices a change of a file that it had found to be right before", async () => {
    let now = 0;
    const checker = createSourceChecker({ dataDir, intervalMs: 1_000, clock: () => now });
    utimesSync(path, 1, 1);
    await checker.check(record);
    change();
    now = 999;
    await checker.check(record);
    now = 1_000;
    await expect(checker.check(record)).rejects.toMatchObject({ code: "dataset-damaged" });
    // A refusal is not remembered: the file is checked again at once.
    await expect(checker.check(record)).rejects.toMatchObject({ code: "dataset-damaged" });
  });
});
