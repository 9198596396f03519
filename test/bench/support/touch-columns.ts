import type { RunMessage } from "../../../shared/protocol/child-message.ts";
import type { ColumnRequest, RowSetKey } from "../../../shared/protocol/row-set.ts";
import { startEngine } from "../../../runtime/engine/start-engine.ts";
import type { ChildHandle } from "../../../runtime/process/child-handle.ts";
import { settingsWith } from "../../support/settings-with.ts";
import { spoolPaths } from "../../../runtime/spool-paths.ts";
import { wireFunctions } from "../../../runtime/wire-functions.ts";
import { DATASET } from "./store.ts";

const FUNCTION = "touch-columns";

/** The parts of a server put together here, where one can decide what each child is to run. */
export interface Touching {
  /** Starts children that touch the same whole row set; gives their process ids. */
  start(count: number, params: Readonly<Record<string, unknown>>): Promise<readonly number[]>;
  /** How the children ended that have ended, in words. */
  endings(): readonly string[];
  close(): Promise<void>;
}

/**
 * Loads a row set of the whole dataset. A plan would give each child rows of its own; here every child gets all, in
 * the message that a plan would make.
 */
export async function openTouching(dataDir: string, functions: string): Promise<Touching> {
  const paths = spoolPaths(dataDir);
  const engine = startEngine({ role: "data", dataDir, spoolDir: paths.spool, onLog: () => undefined });
  const parts = wireFunctions({
    settings: settingsWith({ data: dataDir, functions, threads: 2, childrenMax: 4 }),
    dataEngine: engine,
    defaultDataset: () => DATASET,
    selectSymbols: () => Promise.resolve([]),
    record: () => undefined,
    holdsLock: true,
  });
  const { record } = parts.datasets.get(DATASET);
  const key: RowSetKey = {
    dataset: DATASET,
    version: record.fingerprint,
    asOfMicros: null,
    symbols: null,
    order: "symbol-time",
  };
  const rowSet = await parts.rowSets.open(key);
  const [ts, ...columns] = await rowSet.load(REQUESTS);
  const { module } = await parts.catalog.get(FUNCTION);
  const running: { child: ChildHandle; outcome: Promise<unknown> }[] = [];
  const endings: string[] = [];
  const stopping = new AbortController();

  function message(params: Readonly<Record<string, unknown>>): RunMessage {
    const { symbols } = rowSet.index;
    // A unit for each file: a plan gives no child as many symbols as all children are given here.
    const files = ts!.parts;
    const rowCount = files.map((part) => part.rowCount);
    const zeros = files.map(() => 0);
    return {
      type: "run",
      module,
      shape: "table",
      partition: "symbol",
      params,
      tsType: "date32",
      symbols,
      resultSymbols: null,
      environment: {},
      outFolder: null,
      ts: ts!.parts,
      symbolCodes: null,
      symbolRuns: null,
      columns: columns.map(({ request, parts: columnFiles, labels }) => ({
        input: "bars",
        column: request.name,
        type: request.type,
        nullable: false,
        parts: columnFiles,
        labels,
      })),
      units: {
        symbol: files.map((_, file) => file),
        firstRow: files.map((part) => part.firstRow),
        rowCount,
        skip: zeros,
        outputRowCount: rowCount,
        ordinal: zeros,
      },
      outputs: [{ name: "touched", type: "float64", nullable: true, unit: "count" }],
      stateLength: 0,
      clock: NO_CLOCK,
      outputWindow: { from: null, to: null },
      sink: { kind: "arrow", file: "result.arrow" },
    };
  }

  return {
    async start(count, params) {
      for (let i = 0; i < count; i++) {
        const child = await parts.pool.acquire();
        const outcome = child.run(message(params), {}, { signal: stopping.signal });
        running.push({ child, outcome });
        void outcome.then(({ logTail, ...ending }) => endings.push(JSON.stringify(ending) + logTail));
      }
      return running.map(({ child }) => child.pid);
    },
    endings: () => endings,
    async close() {
      stopping.abort(new Error("looked at"));
      await Promise.all(running.map(({ outcome }) => outcome));
      rowSet.release();
      await parts.close();
      await engine.close();
    },
  };
}

const REQUESTS: readonly ColumnRequest[] = (
  [
    ["ts", "date32"],
    ["open", "float64"],
    ["high", "float32"],
    ["low", "float32"],
    ["close", "float64"],
  ] as const
).map(([name, type]) => ({ name, type, nullable: false, source: { kind: "own" } }));

const NO_CLOCK = {
  timezone: "UTC",
  stamp: "end",
  intervalSeconds: 86_400,
  sessions: [],
  holidays: [],
  halfDays: [],
  utcOffsets: [],
} as const;
