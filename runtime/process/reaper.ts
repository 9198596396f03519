import { spawn } from "node:child_process";

/** Kills every registered process group when this process dies, however it dies. */
export interface Reaper {
  add(groupId: number): void;
  remove(groupId: number): void;
  /** Ends it; groups still registered are killed. */
  close(): void;
}

/**
 * A shell that remembers process groups and, when its input ends, kills those that are left. Its input ends when
 * this process does, SIGKILL included, which no handler of ours could see; a child that spins cannot see it either.
 */
export function startReaper(): Reaper {
  const shell = spawn("/bin/sh", ["-c", SCRIPT], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
    env: {},
  });
  // Without it children still end with their input; only one that spins would outlive a killed server.
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
