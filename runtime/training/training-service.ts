import { QuiverError } from "../../shared/errors/index.ts";
import type { ResultFormat } from "../../shared/protocol/result.ts";
import type { TrainingReport } from "../../shared/protocol/training.ts";
import { openZone } from "../../shared/time/index.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { EngineClient } from "../engine/engine-client.ts";
import { planTrainingSet, type SetFacts, type TrainingRequest } from "./plan-training-set.ts";
import type { TrainingPlan } from "../../shared/protocol/training-plan.ts";

/** An answer that has begun: its report, and its bytes on demand. */
export interface TrainingAnswer {
  readonly report: TrainingReport;
  readonly sets: readonly SetFacts[];
  readonly warnings: readonly string[];
  readonly body: AsyncIterable<Uint8Array>;
}

export interface TrainingOptions {
  readonly format: ResultFormat;
  readonly rowLimit: number | null;
  readonly signal: AbortSignal;
}

/** Builds training sets in the engine process for queries. */
export interface TrainingService {
  build(
    entities: TrainingPlan["entities"],
    request: TrainingRequest,
    options: TrainingOptions,
  ): Promise<TrainingAnswer>;
}

export interface TrainingDeps {
  readonly dataDir: string;
  readonly catalog: () => Catalog;
  readonly engine: EngineClient;
  readonly timeoutMs: number;
  /** Further concurrent requests are refused. */
  readonly concurrency: number;
}

export function createTrainingService(deps: TrainingDeps): TrainingService {
  const { dataDir, catalog, engine, timeoutMs, concurrency } = deps;
  let running = 0;
  return {
    async build(entities, request, { format, rowLimit, signal }) {
      // An unknown zone is refused before any row is read.
      if (request.timezone !== undefined) openZone(request.timezone);
      if (running >= concurrency) {
        throw new QuiverError(
          "training-busy",
          `Cannot build the training set: ${running === 1 ? "one is" : `${running} are`} being built, which is the limit. Try again shortly, or raise --sql-concurrency.`,
          { expected: concurrency },
        );
      }
      running++;
      try {
        const { plan, facts, warnings } = await planTrainingSet(dataDir, catalog(), request);
        const { head, body, end } = await engine.stream(
          { op: "training-set", plan: { ...plan, entities }, format, rowLimit, timeoutMs },
          { signal },
        );
        void end.catch(() => undefined).finally(() => running--);
        const { report } = head;
        return { report, sets: facts, warnings: [...warnings, ...reportWarnings(report, facts)], body };
      } catch (error) {
        running--;
        throw error;
      }
    },
  };
}

function rowsHave(count: number): string {
  return count === 1 ? "1 row has" : `${count} rows have`;
}

function reportWarnings(report: TrainingReport, facts: readonly SetFacts[]): string[] {
  const { sets, unknownSymbolRows } = report;
  const held = sets.flatMap(({ heldRows }, at) =>
    heldRows === 0
      ? []
      : [
          `${facts[at]!.set}: ${rowsHave(heldRows)} an earlier bar than the latest known one, whose values depend on data that was restated afterwards`,
        ],
  );
  const unknown =
    unknownSymbolRows === 0 ? [] : [`${rowsHave(unknownSymbolRows)} a symbol that no dataset has`];
  const later = sets.flatMap(({ laterRows: count }, at) =>
    count === 0
      ? []
      : [
          `${facts[at]!.set}: ${count === 1 ? "1 row is of a later day" : `${count} rows are of later days`} than its last bar, and got an older value; maxAge (--max-age) limits how old`,
        ],
  );
  return [...unknown, ...held, ...later, ...splitWarnings(report)];
}

function splitWarnings({ rowCount, splits }: TrainingReport): string[] {
  if (rowCount === 0) return [];
  return splits.flatMap(({ column, rows: { test = 0, train = 0 } }) => [
    ...(test === 0 ? [`no row is on the test side of ${column}`] : []),
    ...(train === 0 ? [`no row trains in ${column}`] : []),
  ]);
}
