import type { EngineHandler } from "../../engine/engine-handler.ts";
import { sendBody } from "../../engine/operations/send-body.ts";
import { RESULT_FORMATS } from "../../formats/media-types.ts";
import { writeResult } from "../../formats/write-result.ts";
import type { TrainingEngineRequest } from "../training-service.ts";
import { buildTrainingSet } from "./build-training-set.ts";

/** Builds a training set and sends it in the format asked for: its report first, then its bytes as they are taken. */
export const runTrainingSet: EngineHandler<"training-set"> = async (
  { request },
  call,
  { database, dataDir },
) => {
  const { plan, format, rowLimit, timeoutMs } = request as TrainingEngineRequest;
  const built = await buildTrainingSet(database, plan, { dataDir, timeoutMs, signal: call.signal });
  try {
    const body = writeResult(format, built.head, built.batches, rowLimit ?? Number.POSITIVE_INFINITY);
    await sendBody(call, { mediaType: RESULT_FORMATS[format].mediaType, report: built.report }, body);
  } finally {
    await built.close();
  }
  return null;
};
