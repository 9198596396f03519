import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";
import * as zod from "zod";

const LAZY_SCHEMAS = fileURLToPath(new URL("../child/lazy-schemas.ts", import.meta.url));

/** Puts `lazy-schemas.ts` in the place of zod in a child's bundle, and behind it zod itself, run when it is needed. */
export function lazyZod(): Plugin {
  return {
    name: "lazy-zod",
    setup(build) {
      build.onResolve({ filter: /^zod$/ }, ({ namespace }) =>
        namespace === "lazy-zod" ? undefined : { path: "zod", namespace: "lazy-zod" },
      );
      build.onLoad({ filter: /.*/, namespace: "lazy-zod" }, () => ({
        contents: source(Object.keys(zod)),
        resolveDir: dirname(LAZY_SCHEMAS),
        loader: "js",
      }));
    },
  };
}

/** Parameters are parsed once if at all: compiling a parser for them takes longer than it saves. */
function source(names: readonly string[]): string {
  return `
    import { lazySchemas } from ${JSON.stringify(LAZY_SCHEMAS)};
    const names = ${JSON.stringify(names)};
    let zod;
    const load = () => {
      if (zod === undefined) (zod = require("zod")).config({ jitless: true });
      return zod;
    };
    const lazy = lazySchemas(load, names);
    ${names.map((name, i) => `const lazy${i} = lazy[${JSON.stringify(name)}];`).join("\n")}
    export { ${names.map((name, i) => `lazy${i} as ${name}`).join(", ")} };`;
}
