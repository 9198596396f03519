/**
 * Writes the namespace objects of an esbuild bundle (what `export * as core` and `import * as zod` become) as
 * literals with getters. esbuild defines their properties one by one when the program starts; zod has 1,200 of them,
 * which is an eighth of a child's start. What the objects hold, and when, stays the same.
 */
export function literalNamespaces(source: string): string {
  return source.replace(DEFINITION, (definition: string, name: string, properties: string) => {
    const getters = properties.split(",").map(asGetter);
    // Of another form than expected: left as it is.
    return getters.includes(undefined) ? definition : `var ${name}={${getters.join(",")}};`;
  });
}

/** `var core_exports={};__export(core_exports,{name:()=>name,other:()=>other2});`, as written without white space. */
const DEFINITION = /var ([\w$]+)=\{\};__export\(\1,\{([^{}]*)\}\);/g;

function asGetter(property: string): string | undefined {
  const match = /^("[^"\\]+"|[\w$]+):\(\)=>([\w$]+)$/.exec(property);
  return match === null ? undefined : `get ${match[1]}(){return ${match[2]}}`;
}
