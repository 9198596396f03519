import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A declaration at the top of a file, as `shared/kernels/averages/ema.ts#ema`. */
type Place = string;

/** What a place is written with: names of the same file, and what they stand for elsewhere. */
interface SourceFile {
  /** Text of each declaration, without comments and strings. */
  readonly declarations: ReadonlyMap<string, string>;
  /** Local name to the file it comes from and its name there. */
  readonly imports: ReadonlyMap<string, { readonly file: string; readonly name: string }>;
}

/**
 * Which functions could run a declaration, found by reading the sources: from a function's default export from name to
 * name through imports. It knows nothing of how Quiver bundles code, and relies on the sources being formatted: what
 * stands at the top of a file begins in the first column.
 */
export function openCodeReach(projectDir: string): {
  reaching(place: Place): string[];
  functions(): string[];
} {
  const files = new Map<string, SourceFile>();
  const functionsDir = join(projectDir, "functions");
  const functions = () =>
    readdirSync(functionsDir).filter((name) => existsSync(join(functionsDir, name, "index.ts")));

  function fileAt(path: string): SourceFile {
    const known = files.get(path);
    if (known !== undefined) return known;
    const file = readSource(projectDir, path);
    files.set(path, file);
    return file;
  }

  function placesOf(name: string): Set<Place> {
    const found = new Set<Place>();
    const pending = [{ file: `functions/${name}/index.ts`, name: "default" }];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const place = `${next.file}#${next.name}`;
      if (found.has(place)) continue;
      found.add(place);
      const { declarations, imports } = fileAt(next.file);
      const imported = imports.get(next.name);
      if (imported !== undefined) pending.push(imported);
      for (const word of declarations.get(next.name)?.match(/[A-Za-z_$][\w$]*/g) ?? []) {
        if (imports.has(word) || declarations.has(word)) pending.push({ file: next.file, name: word });
      }
    }
    return found;
  }

  return {
    functions,
    reaching(place) {
      const [path = "", name = ""] = place.split("#");
      if (!fileAt(path).declarations.has(name)) throw new Error(`There is no ${name} at the top of ${path}`);
      return functions().filter((each) => placesOf(each).has(place));
    },
  };
}

const BARE: Readonly<Record<string, string>> = {
  quiver: "shared/contract/index.ts",
  "quiver/kernels": "shared/kernels/index.ts",
};

const FROM = /^(?:import|export) (type )?(?:\{([^}]*)\}|\* as ([\w$]+)) from "([^"]+)";$/gm;
const DECLARATION =
  /^(?:export )?(?:default|declare |abstract |async )*\s?(?:function\*? |const |let |class |type |interface )?([\w$]+)/;

function readSource(projectDir: string, path: string): SourceFile {
  const text = readFileSync(join(projectDir, path), "utf8");
  const imports = new Map<string, { file: string; name: string }>();
  const without = text.replaceAll(FROM, (_all, type: string | undefined, names: string = "", _star, from) => {
    const file =
      BARE[String(from)] ?? (String(from).startsWith(".") ? join(dirname(path), String(from)) : "");
    // A type runs nowhere, and packages are no code of ours.
    if (type !== undefined || file === "") return "";
    for (const each of names.split(",").map((word) => word.trim())) {
      if (each === "" || each.startsWith("type ")) continue;
      const [name = "", local = name] = each.split(" as ");
      imports.set(local, { file, name });
    }
    return "";
  });
  const declarations = new Map<string, string>();
  for (const piece of withoutWords(without).split(/\n(?=[A-Za-z])/)) {
    const name = piece.startsWith("export default ") ? "default" : DECLARATION.exec(piece.trimStart())?.[1];
    if (name !== undefined) declarations.set(name, `${declarations.get(name) ?? ""}\n${piece}`);
  }
  return { declarations, imports };
}

/** Code without comments and what is said in strings; what templates insert stays. */
function withoutWords(text: string): string {
  return text
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/"(?:[^"\\\n]|\\.)*"/g, '""')
    .replaceAll(/(^|[^:])\/\/.*$/gm, "$1");
}
