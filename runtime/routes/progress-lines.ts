export const PROGRESS_LINES = "application/x-ndjson";

/** Whether the caller wants progress as well as the outcome. */
export function wantsProgress(request: Request): boolean {
  return (request.headers.get("Accept") ?? "").includes(PROGRESS_LINES);
}

/**
 * Reports work as lines of JSON: `{"progress": …}` while it runs, then one `{"report": …}` or `{"problem": …}`. A
 * slow reader gets only the latest progress.
 */
export async function* progressLines(
  run: (onProgress: (progress: unknown) => void) => Promise<unknown>,
  toProblem: (error: unknown) => unknown,
): AsyncGenerator<Uint8Array> {
  let latest: unknown;
  let wake: (() => void) | undefined;
  let outcome: unknown;
  void run((progress) => {
    latest = progress;
    wake?.();
  })
    .then(
      (report) => ({ report }),
      (error: unknown) => ({ problem: toProblem(error) }),
    )
    .then((ended) => {
      outcome = ended;
      wake?.();
    });
  while (outcome === undefined) {
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (latest !== undefined || outcome !== undefined) resolve();
    });
    if (latest !== undefined) yield line({ progress: latest });
    latest = undefined;
  }
  yield line(outcome);
}

function line(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value)}\n`);
}
