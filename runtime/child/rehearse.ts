import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { columnFileLayout } from "../../shared/arrow/index.ts";
import { defineFeature, float64 } from "../../shared/contract/index.ts";
import type { RunMessage } from "../../shared/protocol/child-message.ts";
import type { ChildContext, MessageHandler } from "./child-context.ts";

/** Enough rows for the loops to be compiled. */
const ROWS = 2_048;

/**
 * Runs a small feature from message to result file while nobody is waiting, and removes all traces of it. A new
 * process has compiled nothing yet: the first run of this code takes three times as long as the second, and a one-shot
 * child has no second.
 */
export async function rehearse(
  handle: MessageHandler,
  { outDir, mapFile }: Pick<ChildContext, "outDir" | "mapFile">,
): Promise<void> {
  const folder = `${outDir}/rehearsal`;
  mkdirSync(folder);
  try {
    const definition = madeLikeAnAuthors();
    await handle(messageFor(folder), {
      outDir: folder,
      mapFile,
      dropPrivileges() {},
      setEnvironment() {},
      importAuthorModule: () => Promise.resolve({ default: definition }),
      progress() {},
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Uses the kinds of parameters that most functions have. */
function madeLikeAnAuthors(): object {
  return defineFeature({
    description: "a rehearsal",
    params: z.object({
      period: z.int().min(1).max(100).default(14).describe("bars"),
      share: z.number().min(0).max(1).default(0.5).describe("a share"),
      mode: z.enum(["one", "other"]).default("one").describe("a choice"),
      flag: z.boolean().default(false).describe("a switch"),
    }),
    inputs: { bars: { close: float64 } },
    outputs: { doubled: float64 },
    memory: { stateLength: 1 },
    handler({ bars }, out) {
      for (let i = 0; i < bars.close.length; i++) out.doubled[i] = bars.close[i]! * 2;
    },
  });
}

function messageFor(folder: string): RunMessage {
  const columnAt = (name: string, type: "date32" | "float64", values: Int32Array | Float64Array) => {
    const path = `${folder}/${name}.arrow`;
    const { header, footer, dataOffset, footerOffset, totalByteLength } = columnFileLayout({
      name,
      type,
      rowCount: ROWS,
    });
    const bytes = new Uint8Array(totalByteLength);
    bytes.set(header);
    bytes.set(new Uint8Array(values.buffer), dataOffset);
    bytes.set(footer, footerOffset);
    writeFileSync(path, bytes);
    return [{ path, firstRow: 0, rowCount: ROWS }];
  };
  return {
    type: "run",
    module: folder,
    shape: "feature",
    partition: "symbol",
    params: { period: 2 },
    tsType: "date32",
    symbols: ["A"],
    resultSymbols: null,
    environment: {},
    outFolder: null,
    ts: columnAt("ts", "date32", new Int32Array(ROWS)),
    symbolCodes: null,
    symbolRuns: null,
    columns: [
      {
        input: "bars",
        column: "close",
        type: "float64",
        nullable: false,
        parts: columnAt("close", "float64", new Float64Array(ROWS)),
        labels: null,
      },
    ],
    units: { symbol: [0], firstRow: [0], rowCount: [ROWS], skip: [0], outputRowCount: [ROWS], ordinal: [0] },
    outputs: [{ name: "doubled", type: "float64", nullable: true, unit: "ratio" }],
    stateLength: 1,
    clock: {
      timezone: "UTC",
      stamp: "end",
      intervalSeconds: 86_400,
      sessions: [],
      holidays: [],
      halfDays: [],
      utcOffsets: [],
    },
    outputWindow: { from: null, to: null },
    sink: { kind: "arrow", file: "result.arrow" },
  };
}
