/** Sources of functions made for a test, and what becomes of those that are refused. */

/** A feature with one float output and this handler. */
export function featureSource(handler: string, more = ""): string {
  return `import { bool, date32, defineFeature, float64, int32, int64, timestamp, utf8 } from "quiver";
import { z } from "zod";
export default defineFeature({
  description: "made for a test",
  inputs: { bars: { close: float64 } },
  outputs: { x: float64, flag: bool },
  ${more}
  handler${handler},
});
`;
}

/** A table keyed by symbol with this body. */
export function tableSource(body: string, more = "outputs: { ts: date32, x: float64 },"): string {
  return `import { bool, date32, defineTable, float64, int32, int64, timestamp, utf8 } from "quiver";
import { vectorFromArray, Table, DateDay, TimestampMicrosecond, Utf8, Int64, Bool } from "apache-arrow";
export default defineTable({
  description: "made for a test",
  inputs: { bars: { close: float64 } },
  ${more}
  handler({ bars: { close } }, { ts, symbols, rowCount }): any { ${body} },
});
`;
}

/** Code and sentence of a refusal; throws when nothing was refused. */
export async function refusalOf(invocation: Promise<unknown>) {
  const error: unknown = await invocation.catch((e: unknown) => e);
  if (!(error instanceof Error)) throw new Error("it was not refused");
  return { code: "code" in error ? String(error.code) : "", message: error.message, error };
}
