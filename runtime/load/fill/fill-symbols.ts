import { join } from "node:path";
import type { PartEvent } from "../../../shared/protocol/engine.ts";
import type { ColumnPart, ColumnRequest, LoadedColumn } from "../../../shared/protocol/row-set.ts";
import { columnStem } from "../column-stem.ts";
import { cutRows } from "./cut-rows.ts";
import { bytesOf } from "./column-bytes.ts";
import { openPart } from "./part-writer.ts";
import { readRowSetIndex } from "./read-index.ts";

/** Whether a column is the symbol of each row, as text or as a code. It follows from the index, so nothing is read. */
export function isSymbolColumn({ name, type }: ColumnRequest): boolean {
  return name === "symbol" && (type === "int32" || type === "utf8");
}

export function fillSymbols(
  request: ColumnRequest,
  dir: string,
  partRows: number,
  event: (value: PartEvent) => void,
): LoadedColumn {
  const { firstRows, symbols } = readRowSetIndex(dir);
  const labels = request.type === "utf8" ? symbols : null;
  const parts: ColumnPart[] = [];
  for (const [number, rows] of cutRows(firstRows, partRows).entries()) {
    const codes = new Int32Array(rows.rowCount);
    const end = rows.firstRow + rows.rowCount;
    for (let code = 0; code < symbols.length; code++) {
      const from = Math.max(firstRows[code]!, rows.firstRow);
      const to = Math.min(firstRows[code + 1]!, end);
      if (from < to) codes.fill(code, from - rows.firstRow, to - rows.firstRow);
    }
    const writer = openPart(join(dir, `${columnStem(request)}-${number}.arrow`), request.name, "int32", rows);
    try {
      writer.append(bytesOf(codes));
      const { part, byteLength, nullCount } = writer.finish();
      parts.push(part);
      event({ kind: "part", column: 0, part, byteLength, nullCount, labels });
    } finally {
      writer.discard();
    }
  }
  return { request, parts, labels };
}
