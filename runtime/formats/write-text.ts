import { cellWriter, shortestFloat32, type CellStyle, type CellWriter } from "./cell-text.ts";
import type { ResultBatch, ResultBatches, ResultHead } from "./result-batch.ts";

/**
 * CSV after RFC 4180, with a header line. A null is an empty field, an empty string is `""`; NaN and infinities are
 * written by name.
 */
export async function* writeCsv(head: ResultHead, batches: ResultBatches): AsyncGenerator<Uint8Array> {
  yield encoder.encode(`${head.schema.fields.map(({ name }) => csvField(name)).join(",")}\r\n`);
  for await (const batch of batches) {
    const cells = cellsOf(head, batch, CSV_STYLE);
    yield* inPieces(batch.rowCount, (row) => {
      let line = cells[0]?.(row) ?? "";
      for (let column = 1; column < cells.length; column++) line += `,${cells[column]!(row)}`;
      return `${line}\r\n`;
    });
  }
}

/** One JSON object per line and row. */
export async function* writeNdjson(head: ResultHead, batches: ResultBatches): AsyncGenerator<Uint8Array> {
  for await (const batch of batches) {
    const write = objectWriter(head, batch);
    yield* inPieces(batch.rowCount, (row) => `${write(row)}\n`);
  }
}

/** One JSON array of one object per row. */
export async function* writeJson(head: ResultHead, batches: ResultBatches): AsyncGenerator<Uint8Array> {
  let before = "[\n";
  for await (const batch of batches) {
    const write = objectWriter(head, batch);
    yield* inPieces(batch.rowCount, (row) => {
      const text = before + write(row);
      before = ",\n";
      return text;
    });
  }
  yield encoder.encode(before === "[\n" ? "[]\n" : "\n]\n");
}

/** Text is encoded in pieces of about this many characters: bounded memory, few chunks. */
const PIECE_LENGTH = 1 << 18;

const encoder = new TextEncoder();

const CSV_STYLE: CellStyle = {
  float: String,
  float32: shortestFloat32,
  int64: String,
  bool: String,
  text: csvField,
  time: (iso) => iso,
  null: "",
};

/** JSON has neither NaN nor infinities: they become null. Integers that a double cannot hold become strings. */
const JSON_STYLE: CellStyle = {
  float: (value) => (Number.isFinite(value) ? String(value) : "null"),
  float32: (value) => (Number.isFinite(value) ? shortestFloat32(value) : "null"),
  int64: (value) => (value >= -SAFE && value <= SAFE ? String(value) : `"${value}"`),
  bool: String,
  text: (value) => JSON.stringify(value),
  time: (iso) => `"${iso}"`,
  null: "null",
};

const SAFE = 9_007_199_254_740_992n;

function csvField(text: string): string {
  return text === "" || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function cellsOf(head: ResultHead, batch: ResultBatch, style: CellStyle): CellWriter[] {
  return head.schema.fields.map(({ type, dictionaryId }, index) =>
    cellWriter(
      type,
      batch.columns[index]!,
      batch.rowCount,
      style,
      type === "dictionary" ? (head.dictionaries.get(dictionaryId ?? 0) ?? []) : [],
    ),
  );
}

function objectWriter(head: ResultHead, batch: ResultBatch): CellWriter {
  const cells = cellsOf(head, batch, JSON_STYLE);
  const keys = head.schema.fields.map(
    ({ name }, index) => `${index === 0 ? "{" : ","}${JSON.stringify(name)}:`,
  );
  return (row) => {
    let text = "";
    for (let column = 0; column < cells.length; column++) text += keys[column]! + cells[column]!(row);
    return `${text}}`;
  };
}

function* inPieces(rowCount: number, write: CellWriter): Generator<Uint8Array> {
  let text = "";
  for (let row = 0; row < rowCount; row++) {
    text += write(row);
    if (text.length >= PIECE_LENGTH) {
      yield encoder.encode(text);
      text = "";
    }
  }
  if (text !== "") yield encoder.encode(text);
}
