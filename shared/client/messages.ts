import type { output } from "zod";
import type { BrokenEntry, CatalogEntry } from "../../runtime/catalog/catalog.ts";
import type { ResultFormat } from "../protocol/result.ts";
import type { FunctionGraph } from "../../runtime/graph/graph.ts";
import type { ChangeReport } from "../../runtime/invoke/explain-change.ts";
import type { InvocationProgress } from "../protocol/invocation.ts";
import type { JobView } from "../../runtime/jobs/job-view.ts";
import type { InvocationPlan } from "../../runtime/plan/invocation-plan.ts";
import type { GarbageAnswer } from "../../runtime/routes/answer-schemas.ts";
import type { GarbageBody, InvocationBody, InvocationsQuery } from "../../runtime/routes/request-schemas.ts";
import type { TrainingSetQuery } from "../../runtime/routes/training-set.ts";
import type { ScheduleView } from "../../runtime/schedule/schedule.ts";
import type { InvocationRecord } from "../../runtime/store/control-database.ts";
import type { DatasetRecord } from "../../runtime/store/dataset.ts";
import type { FeatureSet } from "../../runtime/store/feature-sets.ts";
import type { Manifest } from "../../runtime/store/manifest.ts";
import type { FunctionDescription, ResolvedFunction } from "../contract/describe.ts";

// The wire format, inferred from what the server itself checks and answers with. These are type imports only: a
// running client contains nothing of the server.

/** A request to a function: dataset, parameters, symbols, times, bindings of inputs. */
export type InvokeRequest = Omit<InvocationBody, "publish">;

type PublishTarget = Exclude<NonNullable<InvocationBody["publish"]>, boolean>;

/** A request to a function, with the name and form in which its rows are stored. */
export type PublishRequest = InvokeRequest & PublishTarget;

/** The manifest of a version, and whether this call created it. */
export type Published = Manifest & { readonly created: boolean };

/**
 * The progress of an invocation over all functions it runs: rows that pass through three functions count three times.
 */
export type Progress = Pick<
  InvocationProgress,
  "stage" | "partitionsDone" | "partitionCount" | "rowsDone" | "rowCount"
>;
export type TableFormat = ResultFormat;
export type Plan = InvocationPlan;
export type { FunctionGraph, ScheduleView };

/** A job, or a call that has ended. */
export type InvocationInfo = JobView | InvocationRecord;

export type InvocationsFilter = Omit<InvocationsQuery, "jobs">;

/** The version to explain. Whatever is left out is taken from the current version. */
export interface WhyRequest extends Omit<InvokeRequest, "symbols"> {
  readonly symbols?: readonly string[];
  /** The feature set's name; the function's when left out. */
  readonly as?: string;
}

export type WhyReport = ChangeReport;

/** What may be removed, and whether to report only. */
export type GarbageRequest = output<typeof GarbageBody>;

export type GarbageReport = output<typeof GarbageAnswer>;

export type TrainingSetRequest = Omit<TrainingSetQuery, "format" | "limit">;

export interface FunctionList {
  readonly functions: readonly (Pick<CatalogEntry, "name" | "file" | "codeFingerprint"> &
    Pick<FunctionDescription, "description" | "shape" | "kind" | "partition">)[];
  readonly broken: readonly BrokenEntry[];
}

export type FunctionInfo = Pick<CatalogEntry, "name" | "file" | "codeFingerprint"> &
  FunctionDescription &
  Pick<ResolvedFunction, "inputs" | "outputs" | "params" | "lookBack" | "stateLength" | "warmUp">;

/** A dataset as shown in the list. */
export interface DatasetSummary extends Pick<
  DatasetRecord,
  "name" | "kind" | "rowCount" | "columns" | "firstTs" | "lastTs" | "layout" | "counts" | "fingerprint"
> {
  readonly symbolCount: number;
  readonly bitemporal: boolean;
  readonly importedAt: string;
  readonly features: readonly string[];
}

export type DatasetInfo = DatasetRecord & { readonly features: readonly FeatureSet[] };

export type FeatureSetInfo = Omit<FeatureSet, "versions"> & { readonly versions: readonly Manifest[] };
