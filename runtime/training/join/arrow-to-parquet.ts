import { readFile, writeFile } from "node:fs/promises";
import { Table, tableToIPC } from "apache-arrow";
import { openArrowBody } from "../../formats/open-arrow-body.ts";

/**
 * Converts an Arrow stream or file of any types to a Parquet file, because DuckDB's client cannot read Arrow. The rows
 * are in memory once, and are encoded batch by batch.
 */
export async function arrowToParquet(path: string, target: string): Promise<void> {
  const table = openArrowBody(await readFile(path));
  const parquet = await import("parquet-wasm/node");
  const batches = table.batches.length === 0 ? [undefined] : table.batches;
  const tables = batches.map((batch) =>
    parquet.Table.fromIPCStream(
      tableToIPC(batch === undefined ? table : new Table(table.schema, [batch]), "stream"),
    ),
  );
  const source = new ReadableStream({
    pull(controller) {
      const next = tables.shift();
      if (next === undefined) return controller.close();
      for (const batch of next.recordBatches()) controller.enqueue(batch);
      next.free();
    },
  });
  const properties = new parquet.WriterPropertiesBuilder()
    .setCompression(parquet.Compression.UNCOMPRESSED)
    .setDictionaryEnabled(false)
    .build();
  await writeFile(target, await parquet.transformParquetStream(source, properties));
}
