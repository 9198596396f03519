import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import type { ColumnRequest, RowSetIndex, RowSetKey } from "../../shared/protocol/row-set.ts";
import { columnId, columnStem } from "./column-stem.ts";
import { isProcessAlive } from "../engine/is-process-alive.ts";
import { newColumn, type ColumnState } from "./column-state.ts";
import { INDEX_FILE, ORDER_FILE, STORED_ROWS_FILE } from "./fill/file-names.ts";
import { rowSetDirName, rowSetId } from "./row-set-key.ts";
import type { RowSetState } from "./row-set-state.ts";

/** Increased whenever files of an older Quiver must no longer be used. */
const FORMAT_VERSION = 1;
const KEY_FILE = "row-set.json";

/** The record of a complete column, stored beside its files. */
interface ColumnMarker {
  readonly formatVersion: number;
  readonly request: ColumnRequest;
  readonly labels: readonly string[] | null;
  readonly nullCount: number;
  readonly parts: readonly {
    readonly file: string;
    readonly firstRow: number;
    readonly rowCount: number;
    readonly byteLength: number;
  }[];
}

/** Creates an empty directory for a row set about to be filled. */
export function makeRowSetDir(root: string, key: RowSetKey): string {
  const dir = join(root, rowSetDirName(key));
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  return dir;
}

/** Records a row set whose index is complete, so that a restart finds it. This is not worthwhile for a scoped one. */
export function recordRowSet(dir: string, key: RowSetKey, index: RowSetIndex): void {
  writeWhole(join(dir, INDEX_FILE), index);
  if (key.symbols === null) writeWhole(join(dir, KEY_FILE), { formatVersion: FORMAT_VERSION, key });
}

/** Records a complete column of a recorded row set. */
export function recordColumn({ key, dir }: RowSetState, column: ColumnState): void {
  if (key.symbols !== null) return;
  const marker: ColumnMarker = {
    formatVersion: FORMAT_VERSION,
    request: column.request,
    labels: column.labels,
    nullCount: column.nullCount,
    parts: column.parts.map(({ path, firstRow, rowCount }) => ({
      file: basename(path),
      firstRow,
      rowCount,
      byteLength: statSync(path).size,
    })),
  };
  writeWhole(join(dir, `${columnStem(column.request)}.json`), marker);
}

/** Removes a column's files, starting with its record, so that a crash leaves no record of missing files. */
export function removeColumn({ dir }: RowSetState, column: ColumnState): void {
  rmSync(join(dir, `${columnStem(column.request)}.json`), { force: true });
  for (const { path } of column.parts) removeLater(path);
}

/**
 * Frees a large file's name immediately and its pages later, outside the event loop: a gigabyte takes the system a
 * tenth of a second. Anything left by a crash is removed by the next scan, which keeps only recorded files.
 */
function removeLater(path: string): void {
  const leaving = `${path}.${randomBytes(4).toString("hex")}.gone`;
  try {
    renameSync(path, leaving);
  } catch {
    // It is already gone, or never existed.
    return;
  }
  void rm(leaving, { force: true }).catch(() => undefined);
}

export function removeRowSet({ dir }: Pick<RowSetState, "dir">): void {
  rmSync(join(dir, KEY_FILE), { force: true });
  rmSync(dir, { recursive: true, force: true });
}

/** Removes what an engine left behind that died while writing. Only while nothing is being loaded. */
export function removeUnfinished({ dir }: Pick<RowSetState, "dir">): void {
  if (!existsSync(dir)) return;
  for (const name of readdirSync(dir)) if (name.endsWith(".tmp")) rmSync(join(dir, name), { force: true });
}

export function baseBytesOf(dir: string): number {
  return [ORDER_FILE, STORED_ROWS_FILE].reduce(
    (sum, name) => sum + (statSync(join(dir, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

const PRIVATE_ROOT = /^private-(\d+)-/;

/** Creates a folder for the row sets of this process alone, beside the shared ones. */
export function makePrivateRoot(root: string): string {
  mkdirSync(root, { recursive: true });
  return mkdtempSync(join(root, `private-${process.pid}-`));
}

function isPrivateRootInUse(name: string): boolean {
  const pid = PRIVATE_ROOT.exec(name)?.[1];
  return pid !== undefined && isProcessAlive(Number(pid));
}

/**
 * The row sets that an earlier process left. Only those that are complete, readable and of a version that `isCurrent`
 * are kept; everything else is removed.
 */
export function scanRowSets(root: string, isCurrent: (key: RowSetKey) => boolean): RowSetState[] {
  mkdirSync(root, { recursive: true });
  const found: RowSetState[] = [];
  for (const name of readdirSync(root)) {
    const dir = join(root, name);
    if (isPrivateRootInUse(name)) continue;
    const state = scanRowSet(dir, isCurrent);
    if (state === undefined) rmSync(dir, { recursive: true, force: true });
    else found.push(state);
  }
  return found;
}

function scanRowSet(dir: string, isCurrent: (key: RowSetKey) => boolean): RowSetState | undefined {
  const recorded = readJson<{ formatVersion: number; key: RowSetKey }>(join(dir, KEY_FILE));
  if (recorded?.formatVersion !== FORMAT_VERSION) return undefined;
  const { key } = recorded;
  const index = readJson<RowSetIndex>(join(dir, INDEX_FILE));
  if (index === undefined || rowSetDirName(key) !== basename(dir) || !isCurrent(key)) return undefined;
  const columns = new Map<string, ColumnState>();
  const known = new Set([KEY_FILE, INDEX_FILE, ORDER_FILE, STORED_ROWS_FILE]);
  for (const name of readdirSync(dir)) {
    if (!name.endsWith(".json") || known.has(name)) continue;
    const column = scanColumn(dir, readJson<ColumnMarker>(join(dir, name)));
    if (column === undefined) continue;
    columns.set(columnId(column.request), column);
    known.add(name);
    for (const { path } of column.parts) known.add(basename(path));
  }
  for (const name of readdirSync(dir)) if (!known.has(name)) rmSync(join(dir, name), { recursive: true });
  const baseBytes = baseBytesOf(dir);
  return {
    id: rowSetId(key),
    key,
    dir,
    index,
    columns,
    baseBytes,
    userCount: 0,
    usedAt: 0,
    isDropped: false,
  };
}

function scanColumn(dir: string, marker: ColumnMarker | undefined): ColumnState | undefined {
  if (marker?.formatVersion !== FORMAT_VERSION) return undefined;
  const column = newColumn(marker.request, null);
  column.labels = marker.labels;
  column.nullCount = marker.nullCount;
  for (const { file, firstRow, rowCount, byteLength } of marker.parts) {
    const path = join(dir, file);
    if (!isWhole(path, byteLength)) return undefined;
    column.parts.push({ path, firstRow, rowCount });
    column.byteLength += byteLength;
  }
  return column;
}

/**
 * Checks the recorded length and Arrow's last bytes: files are not synced, so a power failure may have emptied one.
 */
function isWhole(path: string, byteLength: number): boolean {
  if (!existsSync(path)) return false;
  const fd = openSync(path, "r");
  try {
    const end = new Uint8Array(6);
    if (fstatSync(fd).size !== byteLength) return false;
    readSync(fd, end, 0, end.length, byteLength - end.length);
    return new TextDecoder().decode(end) === "ARROW1";
  } finally {
    closeSync(fd);
  }
}

function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as T;
  } catch {
    // Missing, truncated or invalid JSON: treated as missing, because the spool is simply filled again.
    return undefined;
  }
}

function writeWhole(path: string, value: unknown): void {
  const temporary = `${path}.tmp`;
  writeFileSync(temporary, JSON.stringify(value));
  renameSync(temporary, path);
}
