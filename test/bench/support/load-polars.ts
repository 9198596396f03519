import { createRequire } from "node:module";
import { join } from "node:path";

/** The few things of nodejs-polars used here; it is installed outside the project, so its own types are not there. */
export interface Expression {
  readonly [method: string]: (...args: readonly unknown[]) => Expression;
}

export interface Frame {
  readonly height: number;
  readonly columns: readonly string[];
  withColumns(...columns: readonly Expression[]): Frame;
  select(...columns: readonly unknown[]): Frame;
  writeParquet(path: string, options: object): void;
  getColumn(name: string): { toArray(): (number | null)[] };
  slice(offset: number, length: number): Frame;
}

export interface Polars {
  col(name: string): Expression;
  lit(value: number): Expression;
  maxHorizontal(columns: readonly Expression[]): Expression;
  readParquet(path: string, options?: object): Frame;
  concat(frames: readonly Frame[]): Frame;
  readonly Float64: unknown;
  readonly Float32: unknown;
  readonly Categorical: unknown;
}

/** nodejs-polars, from the folder that it was installed in. */
export function loadPolars(packageDir: string): Polars {
  const polars = createRequire(join(packageDir, "index.js"))("nodejs-polars") as {
    default?: Polars;
  } & Polars;
  return polars.default ?? polars;
}
