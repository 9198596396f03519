import { denoApi } from "./deno-api.ts";

/** What must no longer be readable. */
export interface PrivilegesToDrop {
  /** Directories whose files have been mapped and that author code must not read. */
  readonly readPaths: readonly string[];
}

/** Whether the runtime itself revoked anything. */
export type DroppedPrivileges = "dropped" | "nothing-to-drop";

/**
 * Revokes, for the rest of this process, what author code must not have. On Deno: network, environment, subprocesses,
 * system information, foreign functions, remote imports, and reading `readPaths`. Bun has no permission system, so
 * nothing happens there and the result says so; protection comes from namespaces around the process, if any.
 */
export function dropPrivileges({ readPaths }: PrivilegesToDrop): DroppedPrivileges {
  const deno = denoApi();
  if (deno === undefined) return "nothing-to-drop";
  for (const name of ["ffi", "net", "env", "run", "sys", "import"]) deno.permissions.revokeSync({ name });
  for (const path of readPaths) deno.permissions.revokeSync({ name: "read", path });
  return "dropped";
}
