import { expect, test } from "vitest";
import { createLifecycle } from "../../../runtime/routes/lifecycle.ts";

test("stop() waits for what runs, and refuses what comes", async () => {
  const lifecycle = createLifecycle();
  const end = lifecycle.begin();
  const stopped = lifecycle.stop(60_000);
  expect(() => lifecycle.begin()).toThrow(
    "Cannot take the request: the server is stopping. Try again shortly.",
  );
  expect(lifecycle.isStopping).toBe(true);
  expect(lifecycle.signal.aborted).toBe(false);
  end();
  end();
  await stopped;
  expect(lifecycle.activeCount).toBe(0);
});

test("stop() aborts what is left after its grace", async () => {
  const lifecycle = createLifecycle();
  const end = lifecycle.begin();
  lifecycle.signal.addEventListener("abort", end);
  await lifecycle.stop(10);
  expect(lifecycle.signal.reason).toMatchObject({
    code: "stopping",
    message: "The server stopped before the work was done: it allows 10 ms.",
  });
});
