import type { Table } from "apache-arrow";

/** An answer that is an Arrow stream as a table; its columns are views of the one buffer it came in. */
export async function readTable(response: Response): Promise<Table> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  // Loaded here and not above: who wants bytes or manifests need not load it.
  const { tableFromIPC } = await import("apache-arrow");
  return tableFromIPC(bytes);
}
