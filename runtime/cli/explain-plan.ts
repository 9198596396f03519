import { z } from "zod";
import { errorCodeOf } from "../../shared/errors/index.ts";
import { type Connection, withConnection } from "./connect.ts";
import type { CommandContext } from "./context.ts";
import { planText, ShownPlan } from "./plan-text.ts";

const FeatureSet = z.object({
  current: z.string().nullable(),
  versions: z.array(z.object({ version: z.string(), fingerprint: z.string() })),
});

/** `--explain`: prints a summary of the plan, or the whole plan with `--json`, without running it. */
export async function explainPlan(
  context: CommandContext,
  name: string,
  json: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { terminal } = context;
  await withConnection(context, "invoke --explain", "read", async ({ send }) => {
    const path = `/functions/${encodeURIComponent(name)}`;
    const body: unknown = await (await send(path, { method: "POST", json, query: { explain: "1" } })).json();
    if (context.json) {
      terminal.out(`${JSON.stringify(body, null, 2)}\n`);
      return;
    }
    const plan = ShownPlan.parse(body);
    terminal.out(`${planText(plan)}${await publishedText(plan, send)}`);
    terminal.err("--json prints the whole plan.\n");
  });
}

/** Says whether the same result is already published. */
async function publishedText(plan: ShownPlan, send: Connection["send"]): Promise<string> {
  const { dataset, function: name, fingerprint } = plan;
  const path = `/datasets/${encodeURIComponent(dataset)}/features/${encodeURIComponent(name)}`;
  try {
    const { current, versions } = FeatureSet.parse(await (await send(path)).json());
    const same = versions.find((one) => one.fingerprint === fingerprint);
    if (same === undefined) return `Published: not this result; ${dataset}/${name} holds others.\n`;
    const which = same.version === current ? "the current version" : "an earlier version";
    return `Published: this result is ${which} of ${dataset}/${name}, ${same.version}.\n`;
  } catch (error) {
    if (errorCodeOf(error) !== "not-found") throw error;
    return `Published: nothing as ${dataset}/${name} yet.\n`;
  }
}
