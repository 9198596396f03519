import type { EngineRole } from "./engine-client.ts";

/** An engine process prints this line once it listens. */
export const ENGINE_READY = "quiver engine ready";

/** The settings of an engine process, which it gets as JSON in its last argument. */
export interface EngineArguments {
  readonly role: EngineRole;
  readonly dataDir: string;
  readonly spoolDir: string;
  readonly socketPath: string;
  readonly threads: number;
  readonly memoryLimitBytes: number;
  readonly partRows: number;
}

export function parseEngineArguments(text: string | undefined): EngineArguments {
  const value: unknown = JSON.parse(text ?? "null");
  if (typeof value === "object" && value !== null && "socketPath" in value && "role" in value) {
    return value as EngineArguments;
  }
  throw new Error("Cannot start an engine: its last argument must be its settings as JSON.");
}
