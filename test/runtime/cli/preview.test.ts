import { tableFromArrays, tableToIPC } from "apache-arrow";
import { describe, expect, test } from "vitest";
import { preview } from "../../../runtime/cli/preview.ts";

/** A body in chunks of 64 bytes that reports when its reader has cancelled it. */
function answer(rowCount: number): { response: Response; wasCancelled: () => boolean } {
  const bytes = tableToIPC(
    tableFromArrays({ n: Int32Array.from({ length: rowCount }, (_, i) => i) }),
    "stream",
  );
  let at = 0;
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (at >= bytes.length) controller.close();
        else controller.enqueue(bytes.slice(at, (at += 64)));
      },
      cancel() {
        cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { response: new Response(body), wasCancelled: () => cancelled };
}

describe("preview()", () => {
  // `quiver invoke` of all symbols ended now and then in an error about a file handle that nobody had closed: the
  // answer that was not read to its end was left open.
  test("cancels the rest of an answer", async () => {
    const { response, wasCancelled } = answer(1000);
    const shown = await preview(response, 3);
    expect(shown.rowCount).toBe(3);
    expect(shown.more).toBe(true);
    expect(wasCancelled()).toBe(true);
  });

  test("shows all of a short answer and says that it ended", async () => {
    const shown = await preview(answer(2).response, 3);
    expect(shown).toMatchObject({ rowCount: 2, more: false });
    expect(shown.text).toContain("n");
  });
});
