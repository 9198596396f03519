// Adds to package-lock.json the optional packages of other platforms that npm leaves out when the registry it asked, or
// the node_modules it found, knew only this platform. Without them "npm ci" refuses the lockfile. Run it after npm
// install: node test/support/complete-lockfile.mjs
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const SYSTEMS = {
  darwin: "darwin",
  linux: "linux",
  win32: "win32",
  windows: "win32",
  freebsd: "freebsd",
  android: "android",
  openharmony: "openharmony",
  netbsd: "netbsd",
  openbsd: "openbsd",
  sunos: "sunos",
  aix: "aix",
};
const PROCESSORS = {
  x64: "x64",
  arm64: "arm64",
  aarch64: "arm64",
  ia32: "ia32",
  arm: "arm",
  riscv64: "riscv64",
  ppc64: "ppc64",
  s390x: "s390x",
  loong64: "loong64",
  mips64el: "mips64el",
  wasm32: "wasm32",
};
const LIBRARIES = { musl: "musl", musleabihf: "musl", gnu: "glibc", gnueabihf: "glibc", glibc: "glibc" };

const path = fileURLToPath(new URL("../../package-lock.json", import.meta.url));
const lock = JSON.parse(readFileSync(path, "utf8"));
let added = 0;
for (const [where, entry] of Object.entries({ ...lock.packages })) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (lock.packages[`node_modules/${name}`] ?? lock.packages[`${where}/node_modules/${name}`]) continue;
    const words = name.split(/[/-]/);
    const system = find(SYSTEMS, words);
    const processor = find(PROCESSORS, words);
    const library = system === "linux" ? find(LIBRARIES, words) : undefined;
    lock.packages[`node_modules/${name}`] = {
      version,
      ...(processor === undefined ? {} : { cpu: [processor] }),
      ...(entry.dev === true ? { dev: true } : {}),
      ...(library === undefined ? {} : { libc: [library] }),
      optional: true,
      ...(system === undefined ? {} : { os: [system] }),
    };
    added++;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} packages of other platforms added`);

function find(names, words) {
  const word = words.find((one) => Object.hasOwn(names, one));
  return word === undefined ? undefined : names[word];
}
