import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ColumnArray, ColumnType } from "../../../shared/arrow/index.ts";
import type { ColumnRequest, LoadedColumn } from "../../../shared/protocol/row-set.ts";
import type { ArrowRows } from "../../formats/read-arrow-body.ts";
import { openPart } from "../../load/fill/part-writer.ts";
import type { EngineHandler } from "../engine-handler.ts";

/** Checks an uploaded Arrow body and writes it as a row set of its own. */
export const arrowRows: EngineHandler<"arrow-rows"> = async ({ path, dir, columns }) => {
  // Imported on first use: the reference library takes longer to load than a cold call may take.
  const { readArrowBody } = await import("../../formats/read-arrow-body.ts");
  const bytes = await readFile(path);
  const rows = readArrowBody(bytes, columns);
  const ts: Omit<ColumnRequest, "source"> = { name: "ts", type: rows.tsType, nullable: false };
  const loaded = [
    write(dir, ts, rows.ts, null, null, rows.rowCount),
    ...rows.columns.map(({ name, values, valid, labels }) => {
      const wanted = columns.find((column) => column.name === name) ?? {
        name,
        type: "float64",
        nullable: true,
      };
      return write(dir, wanted, values, valid, labels, rows.rowCount);
    }),
  ];
  const { first, last } = timeRange(rows);
  return {
    index: {
      order: "symbol-time",
      tsType: rows.tsType,
      rowCount: rows.rowCount,
      symbols: rows.symbols,
      firstRows: rows.firstRows,
      unitTimes: [],
    },
    columns: loaded,
    fingerprint: createHash("sha256").update(bytes).digest("hex").slice(0, 32),
    firstTs: first,
    lastTs: last,
  };
};

function write(
  dir: string,
  request: Omit<ColumnRequest, "source">,
  values: ColumnArray,
  valid: Uint8Array | null,
  labels: readonly string[] | null,
  rowCount: number,
): LoadedColumn {
  // Text is stored as codes of its labels.
  const type: ColumnType = request.type === "utf8" ? "int32" : request.type;
  const writer = openPart(join(dir, `${request.name}.arrow`), request.name, type, { firstRow: 0, rowCount });
  try {
    writer.append(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    if (valid !== null) writer.appendValid(valid);
    const { part } = writer.finish();
    const own: ColumnRequest = { ...request, source: { kind: "own" } };
    return { request: own, parts: [part], labels };
  } finally {
    writer.discard();
  }
}

function timeRange({ ts, rowCount }: ArrowRows): { first: number | null; last: number | null } {
  let first: number | null = null;
  let last: number | null = null;
  for (let row = 0; row < rowCount; row++) {
    const time = Number(ts[row]);
    if (first === null || time < first) first = time;
    if (last === null || time > last) last = time;
  }
  return { first, last };
}
