import type { SourceShape } from "./describe-source.ts";
import type { ImportRequest } from "../../shared/protocol/import.ts";
import { mapColumns } from "./map-columns.ts";

/** Runs of files that follow one another with the same columns and layout: 2,000 daily files are one scan. */
export function groupAlike(
  shapes: readonly SourceShape[],
  request: ImportRequest,
): (readonly SourceShape[])[] {
  const runs: { layout: string; form: string | null; shapes: SourceShape[] }[] = [];
  for (const shape of shapes) {
    const { dialect, columns, file } = shape;
    const own =
      dialect === null ? null : [dialect.separator, dialect.skipLines, dialect.header, file.gzipped];
    const layout = JSON.stringify([file.format, own, columns]);
    const form = dialect === null ? null : timeForm(shape, request);
    const last = runs.at(-1);
    // How times are written is found once a run, so files that write them differently must not share one; a file
    // of a header alone goes with any.
    if (last?.layout === layout && (form === null || last.form === null || form === last.form)) {
      last.form ??= form;
      last.shapes.push(shape);
    } else {
      runs.push({ layout, form, shapes: [shape] });
    }
  }
  return runs.map((run) => run.shapes);
}

/** The look of the first row's times, digits made alike; null when there is no row. */
function timeForm(shape: SourceShape, request: ImportRequest): string | null {
  const row = shape.sample[0];
  if (row === undefined) return null;
  const names = shape.columns.map((column) => column.name);
  const map = mapColumns(shape.file.path, names, request, []);
  return [...map.ts, ...(map.knownAt === null ? [] : [map.knownAt])]
    .map((name) => (row[names.indexOf(name)] ?? "").replace(/\d/g, "9").slice(0, 24))
    .join("|");
}
