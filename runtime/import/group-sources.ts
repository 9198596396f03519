import type { SourceShape } from "./describe-source.ts";
import type { ImportRequest } from "../../shared/protocol/import.ts";
import { mapColumns } from "./map-columns.ts";

/** Groups consecutive files with the same columns and layout, so that 2,000 daily files are one scan. */
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
    // The format of times is inferred once per run, so files with different formats must not share one. A file that
    // has only a header fits into any run.
    if (last?.layout === layout && (form === null || last.form === null || form === last.form)) {
      last.form ??= form;
      last.shapes.push(shape);
    } else {
      runs.push({ layout, form, shapes: [shape] });
    }
  }
  return runs.map((run) => run.shapes);
}

/** The shape of the first row's times, with every digit replaced by 9; null if there is no row. */
function timeForm(shape: SourceShape, request: ImportRequest): string | null {
  const row = shape.sample[0];
  if (row === undefined) return null;
  const names = shape.columns.map((column) => column.name);
  const map = mapColumns(shape.file.path, names, request, []);
  return [...map.ts, ...(map.knownAt === null ? [] : [map.knownAt])]
    .map((name) => (row[names.indexOf(name)] ?? "").replace(/\d/g, "9").slice(0, 24))
    .join("|");
}
