import { join } from "node:path";
import { createFeatureParquetWriter } from "../../../../runtime/child/feature-parquet/index.ts";

/** Writes one file of 30 MB to the given folder and aborts a second one. */
const outDir = process.argv[2] ?? "";
const ROWS = 100_000;
const batch = {
  units: [{ symbol: "A", rowCount: ROWS }],
  ts: new Int32Array(ROWS),
  columns: [{ values: Float64Array.from({ length: ROWS }, (_, i) => i) }],
};
for (const name of ["complete", "given-up"]) {
  const writer = createFeatureParquetWriter({
    path: join(outDir, `${name}.parquet`),
    tsType: "date32",
    columns: [{ name: "a", type: "float64" }],
    codec: { name: "uncompressed" },
  });
  for (let i = 0; i < 38; i++) writer.write(batch);
  if (name === "given-up") writer.abort();
  else {
    const { byteLength } = writer.close();
    console.log(name, Math.floor(byteLength / 1e7) * 1e7);
  }
}
