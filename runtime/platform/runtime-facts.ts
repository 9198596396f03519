import { denoApi } from "./deno-api.ts";

export type RuntimeName = "bun" | "deno";

export interface RuntimeFacts {
  readonly name: RuntimeName;
  readonly version: string;
  /** The JavaScript engine and its version. */
  readonly engine: string;
}

/** The runtime of this process and its versions. Refuses any other runtime and says what to do instead. */
export function runtimeFacts(): RuntimeFacts {
  const deno = denoApi();
  if (deno !== undefined) {
    return { name: "deno", version: deno.version.deno, engine: `V8 ${deno.version.v8}` };
  }
  if (typeof Bun !== "undefined") {
    return {
      name: "bun",
      version: Bun.version,
      engine: `JavaScriptCore ${process.versions["webkit"] ?? ""}`.trim(),
    };
  }
  throw new Error(
    `Quiver runs on Bun or Deno, but this process is Node ${process.version}. Start it with "npm start" or "deno task start".`,
  );
}

/** `bun` or `deno`. */
export function runtimeName(): RuntimeName {
  return runtimeFacts().name;
}
