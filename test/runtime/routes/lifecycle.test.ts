import { expect, test } from "vitest";
import { createLifecycle } from "../../../runtime/routes/lifecycle.ts";

const caller = () => new AbortController();

test("stop() waits for what runs, and refuses what comes", async () => {
  const lifecycle = createLifecycle();
  const work = lifecycle.begin(caller().signal);
  const stopped = lifecycle.stop(60_000);
  expect(() => lifecycle.begin(caller().signal)).toThrow(
    "Cannot take the request: the server is stopping. Try again shortly.",
  );
  expect(lifecycle.isStopping).toBe(true);
  expect(work.signal.aborted).toBe(false);
  work.end();
  work.end();
  await stopped;
  expect(lifecycle.activeCount).toBe(0);
});

test("stop() aborts what is left after its grace", async () => {
  const lifecycle = createLifecycle();
  const { signal, end } = lifecycle.begin(caller().signal);
  signal.addEventListener("abort", end);
  await lifecycle.stop(10);
  expect(signal.reason).toMatchObject({
    code: "stopping",
    message: "The server stopped before the work was done: it allows 10 ms.",
  });
});

test("begin() follows its caller, who may be gone already, until the work has ended", () => {
  const lifecycle = createLifecycle();
  const leaving = caller();
  const work = lifecycle.begin(leaving.signal);
  leaving.abort("gone");
  expect([work.signal.aborted, work.signal.reason]).toEqual([true, "gone"]);
  expect(lifecycle.begin(leaving.signal).signal.aborted).toBe(true);
  const staying = caller();
  const ended = lifecycle.begin(staying.signal);
  ended.end();
  staying.abort();
  expect(ended.signal.aborted).toBe(false);
});
