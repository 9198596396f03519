import type { EngineHandler } from "../../engine/engine-handler.ts";
import { sendBody } from "../../engine/operations/send-body.ts";
import { RESULT_FORMATS } from "../../formats/media-types.ts";
import { writeResult } from "../../formats/write-result.ts";
import { buildTrainingSet } from "./build-training-set.ts";

/** Builds a training set and streams it in the requested format, after its report. */
export const runTrainingSet: EngineHandler<"training-set"> = async (
  { plan, format, rowLimit, timeoutMs },
  call,
  { database, dataDir },
) => {
  const built = await buildTrainingSet(database, plan, { dataDir, timeoutMs, signal: call.signal });
  try {
    const body = writeResult(format, built.head, built.batches, rowLimit);
    const { mediaType } = RESULT_FORMATS[format];
    await sendBody(call, { format, mediaType, report: built.report }, body);
  } finally {
    await built.close();
  }
  return null;
};
