import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";
import * as zod from "zod";

const LATE_SCHEMAS = fileURLToPath(new URL("../child/late-schemas.ts", import.meta.url));

/** Puts `late-schemas.ts` in the place of zod in a child's bundle, and behind it zod itself, run when it is needed. */
export function lateZod(): Plugin {
  return {
    name: "late-zod",
    setup(build) {
      build.onResolve({ filter: /^zod$/ }, ({ namespace }) =>
        namespace === "late-zod" ? undefined : { path: "zod", namespace: "late-zod" },
      );
      build.onLoad({ filter: /.*/, namespace: "late-zod" }, () => ({
        contents: source(Object.keys(zod)),
        resolveDir: dirname(LATE_SCHEMAS),
        loader: "js",
      }));
    },
  };
}

/** Parameters are parsed once if at all: compiling a parser for them takes longer than it saves. */
function source(names: readonly string[]): string {
  return `
    import { lateSchemas } from ${JSON.stringify(LATE_SCHEMAS)};
    const names = ${JSON.stringify(names)};
    let zod;
    const load = () => {
      if (zod === undefined) (zod = require("zod")).config({ jitless: true });
      return zod;
    };
    const late = lateSchemas(load, names);
    ${names.map((name, i) => `const late${i} = late[${JSON.stringify(name)}];`).join("\n")}
    export { ${names.map((name, i) => `late${i} as ${name}`).join(", ")} };`;
}
