import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tableFromIPC } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SpooledResult } from "../../../runtime/invoke/invocation.ts";
import { arrowBody } from "../../../runtime/routes/arrow-body.ts";
import { bodyStream } from "../../../runtime/routes/body-stream.ts";
import { encodeRecordBatchHeader } from "../../../shared/arrow/index.ts";
import type { BatchFacts } from "../../../shared/protocol/child-message.ts";

let dir = "";
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "quiver-arrow-body-"));
});
afterAll(() => {
  rmSync(dir, { recursive: true });
});

/** A partition's file as a child writes it: record batches of (symbol code, ts, rsi) one after the other. */
function partition(name: string, batches: readonly { symbol: number; days: number[]; values: number[] }[]) {
  const pieces: Uint8Array[] = [];
  const facts: BatchFacts[] = [];
  let byteOffset = 0;
  for (const { symbol, days, values } of batches) {
    const columns = [
      new Int32Array(days.length).fill(symbol),
      Int32Array.from(days),
      Float64Array.from(values),
    ];
    const { header, bodyLength, bufferOffsets } = encodeRecordBatchHeader({
      rowCount: days.length,
      nodes: columns.map(() => ({ length: days.length, nullCount: 0 })),
      bufferLengths: columns.flatMap((column) => [0, column.byteLength]),
    });
    const body = new Uint8Array(bodyLength);
    columns.forEach((column, index) => {
      body.set(new Uint8Array(column.buffer), bufferOffsets[index * 2 + 1]);
    });
    pieces.push(header, body);
    facts.push({ rowCount: days.length, byteOffset, metadataLength: header.length, bodyLength });
    byteOffset += header.length + bodyLength;
  }
  const path = join(dir, name);
  writeFileSync(path, Buffer.concat(pieces));
  return { path, batches: facts };
}

function result(parts: SpooledResult["parts"]): SpooledResult {
  const column = { nullable: true, unit: "none" } as const;
  return {
    facts: {
      id: "i",
      fingerprint: "f",
      rowCount: 0,
      timings: [],
      warnings: [],
      peakMemoryBytes: 0,
      logTail: "",
      bytesRead: 0,
      partitions: { count: 1, found: 0 },
    },
    schema: [
      { name: "symbol", type: "utf8", dictionary: true, ...column },
      { name: "ts", type: "date32", dictionary: false, ...column },
      { name: "rsi", type: "float64", dictionary: false, ...column },
    ],
    symbols: ["AAPL", "SPY"],
    parts,
    release: () => Promise.resolve(),
  };
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const chunk of chunks) pieces.push(chunk);
  return Buffer.concat(pieces);
}

describe("arrowBody()", () => {
  test.each(["stream", "file"] as const)(
    "joins partitions to one Arrow %s of the announced length",
    async (as) => {
      const parts = [
        partition(`${as}-0`, [
          { symbol: 0, days: [1, 2], values: [10, 20] },
          { symbol: 0, days: [3], values: [30] },
        ]),
        partition(`${as}-1`, [{ symbol: 1, days: [1], values: [40] }]),
      ];
      const body = arrowBody(result(parts), as);
      const bytes = await collect(body.chunks);
      expect(bytes.length).toBe(body.byteLength);
      const table = tableFromIPC(bytes);
      expect(table.toArray().map((row) => [row.symbol, row.rsi])).toEqual([
        ["AAPL", 10],
        ["AAPL", 20],
        ["AAPL", 30],
        ["SPY", 40],
      ]);
    },
  );

  test("is a whole stream with the right schema when there is no row", async () => {
    const body = arrowBody(result([]), "stream");
    const table = tableFromIPC(await collect(body.chunks));
    expect(table.numRows).toBe(0);
    expect(table.schema.fields.map(String)).toEqual([
      "symbol: Dictionary<Int32, Utf8>",
      "ts: Date32<DAY>",
      "rsi: Float64",
    ]);
  });

  test("leaves out a batch that its facts do not name", async () => {
    const whole = partition("gap", [
      { symbol: 0, days: [1], values: [1] },
      { symbol: 0, days: [2], values: [2] },
      { symbol: 0, days: [3], values: [3] },
    ]);
    const batches = whole.batches.filter((_, index) => index !== 1);
    const body = arrowBody(result([{ path: whole.path, batches }]), "file");
    const table = tableFromIPC(await collect(body.chunks));
    expect(table.getChild("rsi")?.toArray()).toEqual(Float64Array.of(1, 3));
  });

  test("fails, instead of ending cleanly, when a file of the spool was cut short", async () => {
    const part = partition("short", [{ symbol: 0, days: [1], values: [1] }]);
    const end = part.batches[0]!.metadataLength + part.batches[0]!.bodyLength;
    writeFileSync(part.path, new Uint8Array(10));
    await expect(collect(arrowBody(result([part]), "stream").chunks)).rejects.toThrow(
      `${part.path} ends at byte 10, expected ${end}`,
    );
  });
});

describe("bodyStream()", () => {
  const counted = (log: string[]) =>
    (async function* () {
      try {
        for (let index = 0; index < 100; index++) {
          log.push(`made ${index}`);
          yield Uint8Array.of(index);
        }
      } finally {
        log.push("closed");
      }
    })();

  test("makes no chunk before it is wanted, and closes its source when the reader leaves", async () => {
    const log: string[] = [];
    const stream = bodyStream(counted(log), () => {
      log.push("ended");
    });
    const reader = stream.getReader();
    await reader.read();
    await reader.cancel();
    expect(log.filter((entry) => entry.startsWith("made")).length).toBeLessThanOrEqual(3);
    expect(log.slice(-2)).toEqual(["closed", "ended"]);
  });

  test("passes a failure on and still ends once", async () => {
    const ends: number[] = [];
    const failing = (async function* () {
      yield Uint8Array.of(1);
      await Promise.resolve();
      throw new Error("the disk is gone");
    })();
    const stream = bodyStream(failing, () => {
      ends.push(1);
    });
    await expect(new Response(stream).arrayBuffer()).rejects.toThrow("the disk is gone");
    expect(ends).toEqual([1]);
  });
});
