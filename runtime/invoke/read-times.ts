import { defined } from "../../shared/defined.ts";
import { type ColumnArray, readColumnFile } from "../../shared/arrow/index.ts";
import type { ColumnRequest } from "../../shared/protocol/row-set.ts";
import { LruMap } from "../concurrency/lru-map.ts";
import type { RowSetHandle } from "../load/row-sets.ts";
import type { FileMapper } from "../platform/map-file.ts";
import type { TimeOfRow } from "../plan/select-units.ts";

/** The request for a row set's own event time. */
export function timeColumn(tsType: "date32" | "timestamp"): ColumnRequest {
  return { name: "ts", type: tsType, nullable: false, source: { kind: "own" } };
}

/** Reads event times of symbol-time row sets by row, for bounded windows. */
export interface TimesReader {
  open(handle: RowSetHandle, signal: AbortSignal | undefined): Promise<TimeOfRow>;
}

/** Mappings to keep: Deno cannot unmap, so a file must not be mapped a second time. */
const MAPPINGS_MAX = 64;

export function createTimesReader(mapper: FileMapper): TimesReader {
  const mapped = new LruMap<string, ColumnArray>(MAPPINGS_MAX);
  return {
    async open(handle, signal) {
      const options = defined({ signal });
      const [column] = await handle.load([timeColumn(handle.index.tsType)], options);
      const parts = (column?.parts ?? []).map((part) => ({
        firstRow: part.firstRow,
        endRow: part.firstRow + part.rowCount,
        fileRow: part.fileRow ?? 0,
        values:
          mapped.get(part.path) ??
          mapped.set(part.path, readColumnFile(mapper.mapFile(part.path), part.path).data),
      }));
      let current = parts[0];
      return (row) => {
        if (current === undefined || row < current.firstRow || row >= current.endRow) {
          current = parts.find((part) => row >= part.firstRow && row < part.endRow);
          if (current === undefined) throw new Error(`Row ${row} lies in no part of the event times`);
        }
        return Number(current.values[current.fileRow + row - current.firstRow]);
      };
    },
  };
}
