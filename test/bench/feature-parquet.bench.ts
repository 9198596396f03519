/**
 * What the feature Parquet writer costs on this runtime: 5M rows, four doubles (RSI and MACD of random walks),
 * stage by stage and whole, uncompressed and ZSTD 1. Run it with `bun` or `deno run -A`; `--rows N` for others.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { macd, rsi } from "../../shared/kernels/index.ts";
import { createFeatureParquetWriter, type FeatureCodec } from "../../runtime/child/feature-parquet/index.ts";
import { DefinitionLevels } from "../../runtime/child/feature-parquet/definition-levels.ts";
import { createValueEncoder } from "../../runtime/child/feature-parquet/page-values.ts";
import { scanColumn } from "../../runtime/child/feature-parquet/scan-column.ts";
import { TsEncoder } from "../../runtime/child/feature-parquet/ts-page.ts";
import { UnitChecksums } from "../../runtime/child/feature-parquet/unit-checksums.ts";
import { createWorkspace, resetTally } from "../../runtime/child/feature-parquet/workspace.ts";

const UNIT_ROWS = 2023;
const GROUP_UNITS = 60;
const GROUP_ROWS = UNIT_ROWS * GROUP_UNITS;
const COLUMNS = ["rsi", "macd", "macd_signal", "macd_hist"].map((name) => ({
  name,
  type: "float64" as const,
}));

const rowsAsked = process.argv.indexOf("--rows");
const rowCount = rowsAsked < 0 ? 5_000_000 : Number(process.argv[rowsAsked + 1]);
const groupCount = Math.max(1, Math.round(rowCount / GROUP_ROWS));
const scratch = mkdtempSync(join(tmpdir(), "feature-parquet-bench-"));
try {
  run();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function run(): void {
  const { ts, columns } = makeBatch();
  const runtime = "Bun" in globalThis ? "Bun" : "Deno";
  console.log(
    `${runtime}: ${groupCount * GROUP_ROWS} rows x 4 doubles, ${groupCount} row groups; median ms of 5`,
  );
  const codecs: FeatureCodec[] = [{ name: "uncompressed" }, { name: "zstd", level: 1 }];
  console.table(stages(ts, columns, codecs));
  console.table(
    codecs.flatMap((codec) =>
      [
        { fsync: false, sha256: false },
        { fsync: true, sha256: false },
        { fsync: true, sha256: true },
      ].map((given) => wholeFile(ts, columns, codec, given)),
    ),
  );
}

/** Every row group holds the same rows: only their bytes matter here. */
function makeBatch(): { ts: Int32Array; columns: { values: Float64Array }[] } {
  let seed = 7;
  const random = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const ts = new Int32Array(GROUP_ROWS);
  const out = COLUMNS.map(() => new Float64Array(GROUP_ROWS).fill(NaN));
  const close = new Float64Array(UNIT_ROWS);
  for (let unit = 0; unit < GROUP_UNITS; unit++) {
    let price = 20 + 200 * random();
    const from = unit * UNIT_ROWS;
    for (let i = 0; i < UNIT_ROWS; i++) {
      price *= 1 + (random() - 0.5) * 0.03;
      close[i] = Math.fround(price);
      ts[from + i] = 14_000 + i + 2 * Math.floor(i / 5);
    }
    const [rsiOut, macdOut, signalOut, histOut] = out.map((values) =>
      values.subarray(from, from + UNIT_ROWS),
    );
    rsi(close, 14, rsiOut!);
    macd(close, { fast: 12, slow: 26, signal: 9 }, macdOut!, signalOut!, histOut!);
  }
  return { ts, columns: out.map((values) => ({ values })) };
}

/** The steps alone, without a file. */
function stages(
  ts: Int32Array,
  columns: { values: Float64Array }[],
  codecs: readonly FeatureCodec[],
): object[] {
  const workspace = createWorkspace();
  const checksums = new UnitChecksums(COLUMNS.length);
  const levels = new DefinitionLevels(GROUP_ROWS);
  const eachGroupAndColumn = (step: (index: number) => void) => () => {
    for (let group = 0; group < groupCount; group++) columns.forEach((_, index) => step(index));
  };
  const scan = (index: number) => {
    resetTally(workspace.tally);
    for (let from = 0; from < GROUP_ROWS; from += UNIT_ROWS) {
      scanColumn(COLUMNS[index]!, columns[index]!, from, from + UNIT_ROWS, 0, workspace);
    }
  };
  const rows = [
    { stage: "scan", ms: median(eachGroupAndColumn(scan)) },
    {
      stage: "scan + checksums + levels",
      ms: median(
        eachGroupAndColumn((index) => {
          resetTally(workspace.tally);
          levels.reset();
          for (let from = 0; from < GROUP_ROWS; from += UNIT_ROWS) {
            const { valueCount, nullCount } = workspace.tally;
            scanColumn(COLUMNS[index]!, columns[index]!, from, from + UNIT_ROWS, 0, workspace);
            const { entry } = checksums.enter({ symbol: "S", rowCount: UNIT_ROWS });
            checksums.update(
              entry,
              1,
              workspace.bytes.subarray(valueCount * 8, workspace.tally.valueCount * 8),
            );
            levels.add(UNIT_ROWS, workspace.nulls, nullCount, workspace.tally.nullCount, 0);
          }
          levels.encode();
        }),
      ),
    },
  ];
  for (const codec of codecs) {
    const encoder = createValueEncoder(workspace, codec);
    const tsEncoder = new TsEncoder(encoder);
    const name = codec.name;
    scan(0);
    const count = workspace.tally.valueCount;
    rows.push(
      { stage: `encode ts, ${name}`, ms: median(() => repeat(groupCount, () => tsEncoder.encode(ts))) },
      {
        stage: `encode values, ${name}`,
        ms: median(eachGroupAndColumn(() => encoder.encode("float64", count))),
      },
    );
  }
  return rows;
}

function wholeFile(
  ts: Int32Array,
  columns: { values: Float64Array }[],
  codec: FeatureCodec,
  given: { readonly fsync: boolean; readonly sha256: boolean },
): object {
  const path = join(scratch, "part.parquet");
  let byteLength = 0;
  const ms = median(
    () => {
      const writer = createFeatureParquetWriter({
        path,
        tsType: "date32",
        columns: COLUMNS,
        codec,
        ...given,
      });
      for (let group = 0; group < groupCount; group++) {
        const units = Array.from({ length: GROUP_UNITS }, (_, unit) => ({
          symbol: `S${String(group * GROUP_UNITS + unit).padStart(6, "0")}`,
          rowCount: UNIT_ROWS,
        }));
        writer.write({ units, ts, columns });
      }
      byteLength = writer.close().byteLength;
      // Emptying an old file of this size takes 50 ms.
    },
    () => rmSync(path, { force: true }),
  );
  return { file: codec.name, ...given, ms, MB: Math.round(byteLength / 1e5) / 10 };
}

function repeat(times: number, step: () => void): void {
  for (let i = 0; i < times; i++) step();
}

function median(step: () => void, before: () => void = () => {}): number {
  const times = Array.from({ length: 6 }, () => {
    before();
    const start = performance.now();
    step();
    return performance.now() - start;
  });
  // The first one warms up.
  return Math.round(times.slice(1).toSorted((a, b) => a - b)[2]! * 10) / 10;
}
