import { spawn } from "node:child_process";

/** Kills every registered process group however this process dies. */
export interface Reaper {
  add(groupId: number): void;
  remove(groupId: number): void;
  /** Ends the reaper and kills the groups that are still registered. */
  close(): void;
}

/**
 * Starts a shell that remembers process groups and kills the remaining ones when its input ends. Its input ends with
 * this process, even by SIGKILL, which no handler of this process could catch and a spinning child would not notice.
 */
export function startReaper(): Reaper {
  const shell = spawn("/bin/sh", ["-c", SCRIPT], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
    env: {},
  });
  // Without the reaper, children still exit when their input ends; only a spinning one would outlive a killed server.
  shell.on("error", () => undefined);
  shell.stdin.on("error", () => undefined);
  shell.unref();
  return {
    add: (groupId) => void shell.stdin.write(`+ ${groupId}\n`),
    remove: (groupId) => void shell.stdin.write(`- ${groupId}\n`),
    close: () => void shell.stdin.end(),
  };
}

const SCRIPT = `groups=" "
while read -r sign group; do
  case $sign in
    +) groups="$groups$group " ;;
    -) groups="\${groups%% $group *} \${groups#* $group }" ;;
  esac
done
for group in $groups; do kill -9 "-$group" 2>/dev/null; done`;
