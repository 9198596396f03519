import type { ResultFormat } from "../../shared/protocol/result.ts";
import { didYouMean, QuiverError } from "../../shared/errors/index.ts";

interface FormatFacts {
  readonly mediaType: string;
  /** The names that `?format=` takes; messages show the first. */
  readonly names: readonly [string, ...string[]];
  readonly fileExtension: string;
  /** Whether answers have a default limit of rows. */
  readonly isLimited: boolean;
}

/** Every format, the default first. */
export const RESULT_FORMATS: Readonly<Record<ResultFormat, FormatFacts>> = {
  "arrow.stream": {
    mediaType: "application/vnd.apache.arrow.stream",
    names: ["arrow", "arrow.stream", "arrows"],
    fileExtension: "arrows",
    isLimited: false,
  },
  "arrow.file": {
    mediaType: "application/vnd.apache.arrow.file",
    names: ["arrow.file", "feather"],
    fileExtension: "arrow",
    isLimited: false,
  },
  parquet: {
    mediaType: "application/vnd.apache.parquet",
    names: ["parquet"],
    fileExtension: "parquet",
    isLimited: false,
  },
  csv: { mediaType: "text/csv", names: ["csv"], fileExtension: "csv", isLimited: false },
  ndjson: {
    mediaType: "application/x-ndjson",
    names: ["ndjson", "jsonl"],
    fileExtension: "ndjson",
    isLimited: true,
  },
  json: { mediaType: "application/json", names: ["json"], fileExtension: "json", isLimited: true },
};

const FORMATS = Object.keys(RESULT_FORMATS) as readonly ResultFormat[];

/** The format of a `?format=` name or of a media type given in its place; undefined if unknown. */
export function formatOf(name: string): ResultFormat | undefined {
  const wanted = name.trim().toLowerCase();
  return FORMATS.find((format) => {
    const { names, mediaType } = RESULT_FORMATS[format];
    return names.includes(wanted) || mediaType === wanted;
  });
}

/**
 * The format a caller wants: `formatParam` (of `?format=`) if given, else the best match of the `Accept` header,
 * else the Arrow stream. Throws `not-acceptable`, which lists the formats.
 */
export function negotiateFormat(
  acceptHeader: string | null | undefined,
  formatParam: string | null | undefined,
): ResultFormat {
  if (formatParam !== null && formatParam !== undefined) {
    const format = formatOf(formatParam);
    if (format !== undefined) return format;
    const shown = FORMATS.flatMap((known) => RESULT_FORMATS[known].names);
    throw notAcceptable(
      `Cannot answer in the \`format\` ${JSON.stringify(formatParam)}.${didYouMean(formatParam, shown)}`,
    );
  }
  if (acceptHeader === null || acceptHeader === undefined || acceptHeader.trim() === "")
    return "arrow.stream";
  const ranges = parseAccept(acceptHeader);
  let best: { format: ResultFormat; quality: number } | undefined;
  for (const format of FORMATS) {
    const quality = qualityOf(RESULT_FORMATS[format].mediaType, ranges);
    if (quality > (best?.quality ?? 0)) best = { format, quality };
  }
  if (best !== undefined) return best.format;
  throw notAcceptable(
    `Cannot answer in any format that the Accept header ${JSON.stringify(acceptHeader)} names.`,
  );
}

interface MediaRange {
  readonly type: string;
  readonly quality: number;
}

function parseAccept(header: string): MediaRange[] {
  return header.split(",").flatMap((part) => {
    const [type = "", ...parameters] = part.split(";").map((text) => text.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith("q="));
    const quality = weight === undefined ? 1 : Number(weight.slice(2));
    return type === "" ? [] : [{ type, quality: Number.isFinite(quality) ? quality : 0 }];
  });
}

/** The most specific matching range decides, as in RFC 9110; 0 if none matches. */
function qualityOf(mediaType: string, ranges: readonly MediaRange[]): number {
  for (const wanted of [mediaType, `${mediaType.split("/")[0]}/*`, "*/*"]) {
    const range = ranges.find(({ type }) => type === wanted);
    if (range !== undefined) return range.quality;
  }
  return 0;
}

function notAcceptable(problem: string): QuiverError {
  const formats = FORMATS.map((format) => ({
    format: RESULT_FORMATS[format].names[0],
    mediaType: RESULT_FORMATS[format].mediaType,
  }));
  const list = formats.map(({ format, mediaType }) => `${format} (${mediaType})`).join(", ");
  return new QuiverError("not-acceptable", `${problem} Available formats: ${list}.`, { formats });
}
