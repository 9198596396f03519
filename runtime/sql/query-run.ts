import { QuiverError } from "../../shared/errors/index.ts";
import type { Database } from "../engine/database.ts";
import { duckdb, type RawConnection } from "../engine/duckdb-bindings.ts";
import { fromDuckdbError } from "./duckdb-error.ts";
import { TimeBudget } from "./time-budget.ts";

interface QueryLimits {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/**
 * A connection for one query, which its time limit, its caller or `close` can stop. All work with DuckDB goes through
 * `step`, one step at a time.
 */
export class QueryRun {
  readonly connection: RawConnection;
  readonly #limits: QueryLimits;
  readonly #release: () => Promise<void>;
  readonly #budget: TimeBudget;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  #current: Promise<unknown> = Promise.resolve();
  /** Rejects if DuckDB did not react to an interrupt: it does so between vectors, and one vector may take minutes. */
  readonly #overdue = Promise.withResolvers<never>();
  #closing: Promise<void> | undefined;

  private constructor(connection: RawConnection, limits: QueryLimits, release: () => Promise<void>) {
    this.connection = connection;
    this.#limits = limits;
    this.#release = release;
    this.#budget = new TimeBudget(limits.timeoutMs, () => this.#stop.abort());
    this.#signal =
      limits.signal === undefined ? this.#stop.signal : AbortSignal.any([this.#stop.signal, limits.signal]);
    this.#overdue.promise.catch(() => undefined); // The current step, if there is one, handles it.
  }

  static async open(database: Database, limits: QueryLimits): Promise<QueryRun> {
    const opened = Promise.withResolvers<RawConnection>();
    const released = Promise.withResolvers<void>();
    const ended = database.withConnection(new AbortController().signal, async (connection) => {
      opened.resolve(connection);
      await released.promise;
    });
    ended.catch(opened.reject);
    const connection = await opened.promise;
    return new QueryRun(connection, limits, () => {
      released.resolve();
      return ended;
    });
  }

  /** Runs one piece of work with DuckDB. The errors it throws are meant for the query's caller. */
  async step<T>(work: () => Promise<T>): Promise<T> {
    this.throwIfStopped();
    // DuckDB forgets an interrupt that comes before it has begun, so the interrupt is repeated.
    let timer: ReturnType<typeof setInterval> | undefined;
    const interrupt = () => {
      duckdb.interrupt(this.connection);
      timer ??= setInterval(() => duckdb.interrupt(this.connection), INTERRUPT_AGAIN_MS);
      setTimeout(() => this.#overdue.reject(new Error("DuckDB did not stop in time")), GRACE_MS).unref();
    };
    this.#signal.addEventListener("abort", interrupt);
    const current = this.#budget.spend(work);
    this.#current = current;
    try {
      return await Promise.race([current, this.#overdue.promise]);
    } catch (error) {
      this.throwIfStopped(error);
      throw fromDuckdbError(error);
    } finally {
      clearInterval(timer);
      this.#signal.removeEventListener("abort", interrupt);
    }
  }

  /** If the query was stopped, throws the reason. */
  throwIfStopped(cause?: unknown): void {
    const { timeoutMs, signal } = this.#limits;
    if (this.#budget.isExpired) {
      throw new QuiverError(
        "sql-timed-out",
        `The query was stopped: it took longer than its limit of ${timeoutMs} ms. Ask for less, or raise --sql-timeout-ms.`,
        { timeoutMs },
        cause,
      );
    }
    if (signal?.aborted === true || this.#signal.aborted) {
      throw new QuiverError("sql-cancelled", "The query was cancelled by its caller.", {}, cause);
    }
  }

  /** Stops the current step and releases the connection as soon as DuckDB has finished with it. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#budget.close();
    this.#stop.abort();
    // The caller of the step gets its failure.
    const released = this.#current.catch(() => undefined).then(() => this.#release());
    await Promise.race([released, this.#overdue.promise.catch(() => undefined)]);
  }
}

const INTERRUPT_AGAIN_MS = 20;

/** Time for a stopped query to end before its caller gets an answer. Its memory is freed when it does end. */
const GRACE_MS = 1000;
