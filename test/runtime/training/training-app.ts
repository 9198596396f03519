import { readFileSync } from "node:fs";
import { tableFromIPC } from "apache-arrow";
import { openApp, type OpenedApp, type OpenAppOptions } from "../../support/open-app.ts";

/** A feature that is its input, so that a panel can be checked by eye: `last` is the close, `sum` all closes so far. */
const ECHO = `
import { defineFeature, float64 } from "quiver";
export default defineFeature({
  description: "The close, and the sum of all closes",
  inputs: { bars: { close: float64 } },
  outputs: { last: float64, sum: float64 },
  handler({ bars }, out) {
    let sum = 0;
    for (let i = 0; i < bars.close.length; i++) {
      out.last[i] = bars.close[i];
      out.sum[i] = sum += bars.close[i];
    }
  },
});`;

const NEXT = `
import { defineFeature, float64 } from "quiver";
export default defineFeature({
  description: "The next close",
  kind: "label",
  inputs: { bars: { close: float64 } },
  outputs: { next: float64 },
  handler({ bars }, out) {
    for (let i = 0; i + 1 < bars.close.length; i++) out.next[i] = bars.close[i + 1];
  },
});`;

/** Its value is of all symbols of a date. */
const MARKET = `
import { defineFeature, float64 } from "quiver";
export default defineFeature({
  description: "The mean close of a date",
  partition: "date",
  inputs: { bars: { close: float64 } },
  outputs: { mean: float64 },
  handler({ bars }, out) {
    const mean = bars.close.reduce((a, b) => a + b, 0) / bars.close.length;
    out.mean.fill(mean);
  },
});`;

/** Rows of its own: every second bar. */
const HALVED = `
import { defineTable, float64, date32 } from "quiver";
export default defineTable({
  description: "Every second bar",
  inputs: { bars: { close: float64 } },
  outputs: { ts: date32, close: float64 },
  handler({ bars }, { ts }) {
    const keep = [...ts.keys()].filter((row) => row % 2 === 0);
    return { ts: Int32Array.from(keep, (row) => ts[row]), close: Float64Array.from(keep, (row) => bars.close[row]) };
  },
});`;

export const ECHO_FUNCTIONS = { echo: ECHO, next: NEXT, market: MARKET, halved: HALVED };

export interface TrainingApp extends OpenedApp {
  publish(name: string, request?: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** Sends entity rows as CSV, or as they are with their media type. */
  ask(
    query: Readonly<Record<string, string>>,
    rows: string | Uint8Array<ArrayBuffer>,
    mediaType?: string,
  ): Promise<Response>;
  /** The same, with the answer's rows as arrays of values; times as ISO texts. */
  rows(query: Readonly<Record<string, string>>, rows: string): Promise<unknown[][]>;
}

export async function openTrainingApp(options: OpenAppOptions = {}): Promise<TrainingApp> {
  const app = await openApp({ ...options, functions: { ...ECHO_FUNCTIONS, ...options.functions } });
  const ask: TrainingApp["ask"] = (query, rows, mediaType = "text/csv") =>
    app.send(`/training-set?${new URLSearchParams(query).toString()}`, {
      method: "POST",
      headers: { "Content-Type": mediaType },
      body: rows,
    });
  return {
    ...app,
    async publish(name, request = {}) {
      const response = await app.post(`/functions/${name}`, { publish: true, ...request });
      if (!response.ok) throw new Error(await response.text());
      return Object(await response.json()) as Record<string, unknown>;
    },
    ask,
    async rows(query, rows) {
      const response = await ask({ format: "arrow", ...query }, rows);
      if (!response.ok) throw new Error(await response.text());
      return arrowRows(new Uint8Array(await response.arrayBuffer()));
    },
  };
}

export function arrowRows(bytes: Uint8Array): unknown[][] {
  const table = tableFromIPC(bytes);
  const fields = table.schema.fields.map(({ type }) => String(type));
  return Array.from({ length: table.numRows }, (_, row) =>
    fields.map((type, column): unknown => {
      const value: unknown = table.getChildAt(column)?.get(row) ?? null;
      if (value === null) return null;
      if (type.startsWith("Date")) return new Date(Number(value)).toISOString().slice(0, 10);
      if (type.startsWith("Timestamp")) return new Date(Number(value)).toISOString();
      return typeof value === "bigint" ? Number(value) : value;
    }),
  );
}

/** What an answer says of itself. */
export function factsOf(response: Response): Record<string, unknown> {
  const text = decodeURIComponent(response.headers.get("Quiver-Training-Set") ?? "null");
  return Object(JSON.parse(text)) as Record<string, unknown>;
}

export function warningsOf(response: Response): string {
  return decodeURIComponent(response.headers.get("Quiver-Warnings") ?? "");
}

export function readBytes(path: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(path));
}
