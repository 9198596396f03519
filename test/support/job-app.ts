import type { JobView } from "../../runtime/jobs/job-view.ts";
import { openApp, type OpenAppOptions, type OpenedApp } from "./open-app.ts";

/** The application with its jobs running, as a server has it. */
export interface JobApp extends OpenedApp {
  /** Asks for a job and gives it; fails when it is refused. */
  order(name: string, body: unknown, headers?: Record<string, string>): Promise<JobView>;
  job(id: string): Promise<JobView>;
  /** The job once it has ended. */
  ended(id: string): Promise<JobView>;
}

export const ASYNC = { Prefer: "respond-async" };

/** Spins for so long, for each symbol; prints the symbol's place first. */
export const SLOW = `import { defineFeature, float64 } from "quiver";
import { z } from "zod";
export default defineFeature({
  description: "takes its time",
  inputs: { bars: { close: float64 } },
  params: z.object({ milliseconds: z.int().default(0) }),
  outputs: { twice: float64 },
  handler({ bars }, out, { params }) {
    console.log("at work");
    const until = Date.now() + params.milliseconds;
    while (Date.now() < until);
    for (let i = 0; i < bars.close.length; i++) out.twice[i] = bars.close[i] * 2;
  },
});
`;

export const THROWS = SLOW.replace("takes its time", "throws").replace(
  "const until",
  'throw new Error("no luck");\n    const until',
);

export async function openJobApp(options: OpenAppOptions = {}): Promise<JobApp> {
  const app = await openApp({
    bars: { symbolCount: 4, dayCount: 60 },
    functions: { slow: SLOW, throws: THROWS },
    ...options,
  });
  app.wired.services.jobs.start();
  const job = async (id: string) => (await (await app.get(`/invocations/${id}`)).json()) as JobView;
  return {
    ...app,
    job,
    async order(name, body, headers = {}) {
      const response = await app.post(`/functions/${name}`, body, { ...ASYNC, ...headers });
      if (!response.ok) throw new Error(await response.text());
      return (await response.json()) as JobView;
    },
    async ended(id) {
      const { signal } = new AbortController();
      for await (const state of app.wired.services.jobs.watch(id, signal)) void state;
      return job(id);
    },
  };
}

/** A condition that will come true; fails after 20 s. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Still not so after 20 s: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
