import type { Table } from "apache-arrow";

/** Reads an Arrow stream response as a table, whose columns are views of the one buffer it arrived in. */
export async function readTable(response: Response): Promise<Table> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  // Loaded on demand, because callers that only need bytes or manifests do not need it.
  const { tableFromIPC } = await import("apache-arrow");
  return tableFromIPC(bytes);
}
