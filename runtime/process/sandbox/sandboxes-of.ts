import type { NamespaceTools } from "../../platform/namespaces.ts";
import { enterByPerl } from "./enter-by-perl.ts";
import { enterByUtilLinux } from "./enter-by-util-linux.ts";
import type { Sandbox } from "./sandbox.ts";
import { makeSandboxView } from "./sandbox-view.ts";

/**
 * The ways that this system offers, cheapest first. Only a trial shows which of them the kernel allows. Both do the
 * same: perl with system calls in one process, util-linux with one process for each step.
 */
export function sandboxesOf(
  tools: NamespaceTools,
  root: string,
  readPaths: readonly string[],
  outRoot: string,
): Sandbox[] {
  const view = makeSandboxView(root, readPaths, outRoot);
  return [enterByPerl(tools, view), enterByUtilLinux(tools, view)].filter((sandbox) => sandbox !== undefined);
}
