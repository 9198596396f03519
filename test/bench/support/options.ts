import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** What a run of the benchmarks was asked to do. */
export interface BenchOptions {
  /** One JSON object on stdout instead of a table. */
  readonly json: boolean;
  /** A small data set: shows that every part works, its times say nothing. */
  readonly quick: boolean;
  /** Names of the parts to run; empty for all. */
  readonly only: readonly string[];
  /** Where made-up markets, imported datasets and comparison packages are kept between runs. */
  readonly cacheDir: string;
  /** The Python to compare with. */
  readonly python: string;
  /** Remove the cache at the end. */
  readonly clean: boolean;
}

export const USAGE = `Usage: quiver bench [-- options]

  --json              one JSON object on stdout; progress goes to stderr
  --quick             a small data set: checks that everything runs, its times say nothing
  --only <names>      parts separated by commas: PARTS
  --cache-dir <path>  where made-up markets and imports are kept (default: quiver-bench in the temporary folder)
  --python <path>     the Python to compare with (default: python3)
  --clean             remove the cache at the end (about 9 GB otherwise)
  --help              this text
`;

/** Options from the command line, or a sentence about what is wrong with them. */
export function parseOptions(args: readonly string[], partNames: readonly string[]): BenchOptions | string {
  const options = {
    json: false,
    quick: false,
    clean: false,
    only: [] as string[],
    cacheDir: "",
    python: "python3",
  };
  for (let i = 0; i < args.length; i++) {
    const [flag = "", inline] = args[i]!.split("=", 2);
    const value = () => inline ?? args[++i] ?? "";
    if (flag === "--") continue;
    else if (flag === "--json") options.json = true;
    else if (flag === "--quick") options.quick = true;
    else if (flag === "--clean") options.clean = true;
    else if (flag === "--cache-dir") options.cacheDir = resolve(value());
    else if (flag === "--python") options.python = value();
    else if (flag === "--only") options.only.push(...value().split(",").filter(Boolean));
    else return `Cannot use ${JSON.stringify(flag)}: there is no such option.`;
  }
  const unknown = options.only.find((name) => !partNames.includes(name));
  if (unknown !== undefined) {
    return `Cannot run the part ${JSON.stringify(unknown)}: there are ${partNames.join(", ")}.`;
  }
  if (options.cacheDir === "")
    options.cacheDir = join(tmpdir(), options.quick ? "quiver-bench-quick" : "quiver-bench");
  return options;
}
