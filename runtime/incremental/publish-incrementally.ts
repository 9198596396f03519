import type { EventTime } from "../../shared/time/index.ts";
import { checksumOf } from "../collect/checksum-of.ts";
import { type BaseVersion, findBase, findVersion } from "../collect/find-version.ts";
import { commitVersion, stageFiles } from "../collect/publish-version.ts";
import { settledUntil } from "../collect/settled-until.ts";
import { partitionFactsOf } from "../collect/version-content.ts";
import type { PublishResult } from "../invoke/invocation.ts";
import type { PlanBeforeRows } from "../invoke/prepare-plan.ts";
import { codecOf, type ResolvedPublish, type PublishContext, publishPlan } from "../invoke/publish-plan.ts";
import { resumeBasisOf } from "../plan/resume-basis.ts";
import { changesBetween } from "../store/dataset-changes.ts";
import { appendContent } from "./append-content.ts";
import { type Choice, chooseSymbols } from "./choose-symbols.ts";
import { firstChangesOf } from "./first-changes.ts";
import { prepareAppend, type PreparedAppend } from "./prepare-append.ts";
import { appendReachOf, readsText } from "./append-reach.ts";
import { writeResumeInputs } from "./resume-inputs.ts";

/**
 * Publishes a version based on the current one: keeps what the changes of its inputs do not affect, and computes
 * the rest. Undefined if there is no version to continue from, or if computing everything is necessary or cheaper;
 * the caller does that.
 */
export async function publishIncrementally(
  publication: ResolvedPublish,
  { input, outline, fingerprint }: PlanBeforeRows,
  context: PublishContext,
): Promise<PublishResult | undefined> {
  const { target, options, invocation } = publication;
  const { rows } = publication.resolved;
  const { settings } = context;
  const basis = resumeBasisOf(input, outline);
  if (basis === null || readsText(outline.stages)) return undefined;
  return context.exclusively(target, async () => {
    const base = await findBase(target, basis);
    if (base === undefined) return undefined;
    if ((await findVersion(target, fingerprint)) !== undefined) return undefined;
    const changes = firstChangesOf(outline.stages, {
      dataset: rows.record,
      before: base.resume.sources,
      recordOf: (name) => settings.datasets.get(name).record,
      changesBetween: (name, from, to, columns) => changesBetween(target.dataDir, name, from, to, columns),
    });
    if (changes === undefined) return undefined;
    const { content } = base.resume;
    const reach = appendReachOf(outline.stages);
    const symbolIndex = settings.datasets.get(target.dataset).index();
    const { columns } = rows.record;
    const settled = reach.canAppend
      ? settledUntil(symbolIndex, columns, content.tail?.settledUntil ?? null)
      : null;
    const choice = chooseSymbols({ content, changes, index: symbolIndex, settledUntil: settled, ...reach });
    if (choice === undefined) return undefined;
    const { signal } = options;
    const facts = { input, outline, rows, symbolIndex, reach, choice, content, signal };
    const prepared = await prepareAppend(facts, settings);
    if (prepared === undefined) return undefined;
    invocation.stopwatch.end("plan");
    try {
      return await publishAppend(publication, { base, choice, prepared, settled }, context);
    } finally {
      prepared.release();
    }
  });
}

interface DecidedAppend {
  readonly base: BaseVersion;
  readonly choice: Choice;
  readonly prepared: PreparedAppend;
  /** The event time up to which rows are settled; null for all rows. */
  readonly settled: EventTime | null;
}

async function publishAppend(
  publication: ResolvedPublish,
  { base, choice, prepared, settled }: DecidedAppend,
  context: PublishContext,
): Promise<PublishResult> {
  const { plan, cuts, segmentOf } = prepared;
  const { request, target } = publication;
  const owner = `${target.dataset}/${target.kind}/${target.name}`;
  const dir = context.settings.stagesDir;
  const resumed = await writeResumeInputs(plan, base.resume.content.units, { dir, owner });
  const sink = { kind: "parquet", file: "part.parquet", ...codecOf(request), settledUntil: settled } as const;
  const sinkOf = (partition: number) => {
    const resume = resumed.paths[partition];
    return { ...sink, cuts: cuts[partition]!, ...(resume == null ? {} : { resume }) };
  };
  try {
    return await publishPlan(
      publication,
      prepared,
      {
        sinkOf,
        async commit(staged, results, common) {
          const facts = await Promise.all(results.map(partitionFactsOf));
          const files = (await stageFiles(staged, results, facts)).flat();
          const segmentNumberOf = (symbol: string) => segmentOf.get(symbol)!;
          const appended = { base, choice, files, segmentNumberOf, facts, settledUntil: settled };
          const { content, made, ends } = appendContent(appended);
          const rowChecksum = ends === null ? base.manifest.rowChecksum : checksumOf(plan, ends);
          return commitVersion(staged, { ...common, content, made, rowChecksum, basis: plan.basis });
        },
      },
      context,
    );
  } finally {
    await resumed.remove();
  }
}
