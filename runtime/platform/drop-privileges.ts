import { denoApi } from "./deno-api.ts";

/** What is to be readable no longer. */
export interface PrivilegesToDrop {
  /** Directories whose files were mapped and must not be read by author code. */
  readonly readPaths: readonly string[];
}

/** Whether the runtime itself took anything away. */
export type DroppedPrivileges = "dropped" | "nothing-to-drop";

/**
 * Gives up, for the rest of this process, what author code must not have. On Deno: network, environment, starting
 * processes, system facts, foreign functions, remote imports, and reading `readPaths`. Bun has no permission
 * system, so there it does nothing and says so; protection comes from namespaces around the process, if at all.
 */
export function dropPrivileges({ readPaths }: PrivilegesToDrop): DroppedPrivileges {
  const deno = denoApi();
  if (deno === undefined) return "nothing-to-drop";
  for (const name of ["ffi", "net", "env", "run", "sys", "import"]) deno.permissions.revokeSync({ name });
  for (const path of readPaths) deno.permissions.revokeSync({ name: "read", path });
  return "dropped";
}
