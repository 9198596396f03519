import type { QuiverServer } from "./quiver-server.ts";
import { DATASET } from "./store.ts";

export interface Published {
  /** From the request to the manifest, as the client sees it. */
  readonly milliseconds: number;
  readonly rowCount: number;
  readonly byteLength: number;
  readonly rowChecksum: string;
  /** What the server says about it. */
  readonly stages: Readonly<Record<string, number>>;
}

/** Publishes over HTTP and waits for the manifest; fails if an equal version was there already. */
export async function publishOnce(
  server: QuiverServer,
  functionName: string,
  params: object,
  how: object,
): Promise<Published> {
  const startedAt = performance.now();
  const response = await server.post(`/functions/${functionName}`, {
    dataset: DATASET,
    params,
    publish: { replace: true, ...how },
  });
  const manifest = (await response.json()) as {
    created: boolean;
    rowCount: number;
    byteLength: number;
    rowChecksum: string;
  };
  const milliseconds = performance.now() - startedAt;
  if (!manifest.created) throw new Error(`${functionName} was published before: there is nothing to measure`);
  const { rowCount, byteLength, rowChecksum } = manifest;
  return { milliseconds, rowCount, byteLength, rowChecksum, stages: serverTimings(response) };
}

/** The stages of `Server-Timing`, in milliseconds. */
export function serverTimings(response: Response): Record<string, number> {
  const parts = (response.headers.get("server-timing") ?? "").split(", ");
  return Object.fromEntries(
    parts.map((part) => {
      const [stage = "", duration = ""] = part.split(";dur=");
      return [stage, Number(duration)];
    }),
  );
}
