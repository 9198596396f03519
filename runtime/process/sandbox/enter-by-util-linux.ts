import { writeFileSync } from "node:fs";
import { basename } from "node:path";
import type { NamespaceTools } from "../../platform/namespaces.ts";
import { REFUSED_EXIT_CODE, type Sandbox } from "./sandbox.ts";
import { bindOutDir, OUT_TOP_OPTIONS, type Bind, type SandboxView } from "./sandbox-view.ts";

/**
 * Enters with `unshare` and `mount`: four small processes in 4 ms. In the first user namespace the process is root
 * and mounts everything with one command. In the second it is an ordinary user without capabilities, in a changed
 * root, where no further user namespace can be made. The command becomes process 1 of its process namespace, so
 * everything it starts ends with it.
 */
export function enterByUtilLinux(tools: NamespaceTools, view: SandboxView): Sandbox | undefined {
  const { unshare, mount, sh } = tools;
  if (unshare === undefined || mount === undefined) return undefined;
  const inner =
    "--user --map-user=1000 --map-group=1000 --mount --net --pid --fork --kill-child --mount-proc";
  const script = [
    "fstab=$1 root=$2 out=$3; shift 3; ulimit -c 0",
    `${mount} -a -T "$fstab" || exit ${REFUSED_EXIT_CODE}`,
    `exec ${unshare} ${inner} --root="$root" --wd="$out" -- "$@"`,
  ].join("\n");
  return {
    by: "util-linux",
    enter({ command, env, outDir }) {
      const out = bindOutDir(view, outDir);
      // This is a file because mount does not read its table from a pipe.
      const fstab = `${view.root}.${basename(outDir)}.fstab`;
      const outTop = `tmpfs ${fstabField(view.outTop)} tmpfs ${OUT_TOP_OPTIONS} 0 0\n`;
      const lines = [...view.binds.map(fstabLine), outTop, fstabLine(out)];
      writeFileSync(fstab, lines.join(""));
      const outer = ["--user", "--map-root-user", "--mount", sh, "-c", script, "sh"];
      return {
        file: unshare,
        args: [...outer, fstab, view.root, outDir, ...command],
        env,
        leftovers: [fstab],
      };
    },
  };
}

const OPTIONS = {
  read: "bind,ro,nosuid",
  write: "bind,rw,nosuid,nodev,noexec,X-mount.mkdir",
  device: "bind,nosuid",
};

function fstabLine({ source, target, access }: Bind): string {
  return `${fstabField(source)} ${fstabField(target)} none ${OPTIONS[access]} 0 0\n`;
}

/** Writes white space and backslashes as octal numbers. */
function fstabField(path: string): string {
  return path.replaceAll(/[\s\\#]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, "0")}`);
}
