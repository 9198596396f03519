import { DateDay, Float64, Table, tableToIPC, Utf8, vectorFromArray, type Vector } from "apache-arrow";
import { expect } from "vitest";
import type { WantedColumn } from "../../../runtime/formats/body-column.ts";
import { readArrowBody } from "../../../runtime/formats/read-arrow-body.ts";

export const DAY = 86_400_000;
export const close: WantedColumn = { name: "close", type: "float64", nullable: false };
export const symbols = vectorFromArray(["A", "A", "B"], new Utf8());
export const days = vectorFromArray(
  [0, DAY, 0].map((time) => new Date(time)),
  new DateDay(),
);
export const floats = vectorFromArray([1.5, 2.5, 3.5], new Float64());

export const ipc = (columns: Record<string, Vector>, kind: "stream" | "file" = "stream") =>
  tableToIPC(new Table(columns), kind);
export const body = (changes: Record<string, Vector> = {}, kind: "stream" | "file" = "stream") =>
  ipc({ symbol: symbols, ts: days, close: floats, ...changes }, kind);
export const refused = (bytes: Uint8Array, problem: string, wanted: readonly WantedColumn[] = [close]) =>
  expect(() => readArrowBody(bytes, wanted)).toThrow(
    expect.objectContaining({
      code: "arrow-body-invalid",
      message: `Cannot read the Arrow body: ${problem}.`,
    }),
  );
export const columnOf = (vector: Vector, type: WantedColumn["type"], nullable = true) => {
  const rows = vector.length;
  const table = {
    symbol: vectorFromArray(
      Array.from({ length: rows }, () => "A"),
      new Utf8(),
    ),
    ts: vectorFromArray(
      Array.from({ length: rows }, (_, row) => new Date(row * DAY)),
      new DateDay(),
    ),
    x: vector,
  };
  return readArrowBody(ipc(table), [{ name: "x", type, nullable }]).columns[0]!;
};
