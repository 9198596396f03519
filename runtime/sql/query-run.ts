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
 * A connection for one query, and what can stop it: its time limit, its caller, its being closed. All work with DuckDB
 * goes through `step`, one at a time.
 */
export class QueryRun {
  readonly connection: RawConnection;
  readonly #limits: QueryLimits;
  readonly #release: () => Promise<void>;
  readonly #budget: TimeBudget;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  #current: Promise<unknown> = Promise.resolve();
  /** Rejects when DuckDB did not heed an interrupt: it does so between vectors, and one of them may take minutes. */
  readonly #overdue = Promise.withResolvers<never>();
  #closing: Promise<void> | undefined;

  private constructor(connection: RawConnection, limits: QueryLimits, release: () => Promise<void>) {
    this.connection = connection;
    this.#limits = limits;
    this.#release = release;
    this.#budget = new TimeBudget(limits.timeoutMs, () => this.#stop.abort());
    this.#signal =
      limits.signal === undefined ? this.#stop.signal : AbortSignal.any([this.#stop.signal, limits.signal]);
    this.#overdue.promise.catch(() => undefined); // Heard by the step under way, if there is one.
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

  /** Does something with DuckDB; what it throws is what the query's caller should see. */
  async step<T>(work: () => Promise<T>): Promise<T> {
    this.throwIfStopped();
    // An interrupt that comes before DuckDB has begun is forgotten when it does, so it is repeated.
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

  /** Throws the reason for which the query was stopped, if it was. */
  throwIfStopped(cause?: unknown): void {
    const { timeoutMs, signal } = this.#limits;
    if (this.#budget.isExpired) {
      throw new QuiverError(
        "sql-timed-out",
        `The query was stopped: it took longer than its limit of ${timeoutMs} ms. Ask for less, or raise the limit.`,
        { timeoutMs },
        cause,
      );
    }
    if (signal?.aborted === true || this.#signal.aborted) {
      throw new QuiverError("sql-cancelled", "The query was cancelled by its caller.", {}, cause);
    }
  }

  /** Stops what is under way and gives the connection back, as soon as DuckDB lets go of it. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#budget.close();
    this.#stop.abort();
    // Whoever waits for it has been told of its failure.
    const released = this.#current.catch(() => undefined).then(() => this.#release());
    await Promise.race([released, this.#overdue.promise.catch(() => undefined)]);
  }
}

const INTERRUPT_AGAIN_MS = 20;

/** How long a stopped query is waited for before its caller is told; what it holds is freed when it ends. */
const GRACE_MS = 1000;
