import type { Sink } from "../../../shared/protocol/child-message.ts";
import { createArrowSink } from "./arrow-sink.ts";
import { createColumnsSink } from "./columns-sink.ts";
import type { OutputSink, SinkOptions } from "./output-batch.ts";
import { createParquetSink } from "./parquet-sink.ts";

export function openSink(sink: Sink, options: SinkOptions): OutputSink {
  switch (sink.kind) {
    case "arrow":
      return createArrowSink(sink.file, options);
    case "columns":
      return createColumnsSink(options);
    case "parquet":
      return createParquetSink(sink, options);
  }
}
