import { childrenOf } from "../../support/inspect-data-dir.ts";
import type { QuiverServer } from "./quiver-server.ts";

/** So many processes of functions the server has started since it began, by its own count. */
export async function startedChildren({ url }: QuiverServer): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const count = /^quiver_children_started_total (\d+)$/m.exec(text)?.[1];
  if (count === undefined) throw new Error("The server's metrics do not count the children it started");
  return Number(count);
}

/** What is left of the work before: processes are started in place of those that were used, until so many wait. */
export async function untilChildrenWait(server: QuiverServer, dataDir: string): Promise<readonly number[]> {
  let before = "";
  for (;;) {
    const pids = childrenOf(dataDir).toSorted((a, b) => a - b);
    const now = `${await startedChildren(server)} ${pids.join(" ")}`;
    if (now === before) return pids;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
