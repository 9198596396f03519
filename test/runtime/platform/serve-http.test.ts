import { describe, expect, test } from "vitest";
import { serveHttp } from "../../../runtime/platform/serve-http.ts";

const local = { hostname: "127.0.0.1", port: 0 };

describe("serveHttp()", () => {
  test("serves a fetch handler on a free port", async () => {
    const server = serveHttp(
      async (request) => new Response(`${request.method} ${await request.text()}`),
      local,
    );
    try {
      expect(server.port).toBeGreaterThan(0);
      const response = await fetch(`http://127.0.0.1:${server.port}/`, { method: "POST", body: "hello" });
      expect(await response.text()).toBe("POST hello");
    } finally {
      await server.stop(true);
    }
  });

  test("refuses a port that is taken, saying what to do", async () => {
    const server = serveHttp(() => new Response("first"), local);
    try {
      expect(() => serveHttp(() => new Response("second"), { ...local, port: server.port })).toThrow(
        expect.objectContaining({
          code: "port-in-use",
          message: `Cannot listen on 127.0.0.1:${server.port}: another process is listening there. Stop it, or give another port with --port.`,
        }),
      );
    } finally {
      await server.stop(true);
    }
  });

  test("finishes what is under way before it stops", async () => {
    let answer: () => void = () => undefined;
    const arrived = Promise.withResolvers<void>();
    const server = serveHttp(async () => {
      arrived.resolve();
      await new Promise<void>((resolve) => (answer = resolve));
      return new Response("finished");
    }, local);
    const response = fetch(`http://127.0.0.1:${server.port}/`);
    await arrived.promise;
    const stopped = server.stop();
    answer();
    expect(await (await response).text()).toBe("finished");
    await stopped;
    await expect(fetch(`http://127.0.0.1:${server.port}/`)).rejects.toThrow();
  });

  test("tells a handler when its client goes away", async () => {
    const gone = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    const server = serveHttp(async (request) => {
      request.signal.addEventListener("abort", () => gone.resolve());
      arrived.resolve();
      await gone.promise;
      return new Response("nobody listens");
    }, local);
    try {
      const aborting = new AbortController();
      const response = fetch(`http://127.0.0.1:${server.port}/`, { signal: aborting.signal });
      const refused = expect(response).rejects.toThrow();
      await arrived.promise;
      aborting.abort();
      await refused;
      await gone.promise;
    } finally {
      await server.stop(true);
    }
  });
});
