import { splitFloats } from "./byte-stream-split.ts";
import type { FeatureCodec, FeatureColumnType } from "./feature-parquet-types.ts";
import { createNoiseTables, noisyStreams } from "./noise.ts";
import { ENCODING } from "./parquet-format.ts";
import type { Workspace } from "./workspace.ts";
import {
  BLOCK_HEADER_BYTES,
  blocksOf,
  FRAME_HEADER_BYTES,
  writeFrameHeader,
  writeRawBlockHeader,
} from "./zstd-frame.ts";

/** The values of a page in stored form. The pieces are views of reused memory. */
export interface PageValues {
  readonly encoding: number;
  readonly compressed: boolean;
  readonly plainByteLength: number;
  readonly pieces: readonly Uint8Array[];
}

/** Encodes the values that a scan left in the workspace. */
export interface ValueEncoder {
  encode(type: FeatureColumnType, count: number): PageValues;
  /** Takes encoded bytes and compresses them if that makes them smaller. */
  pack(encoding: number, bytes: Uint8Array): PageValues;
}

export function createValueEncoder(workspace: Workspace, codec: FeatureCodec): ValueEncoder {
  const { scratch } = workspace;
  const compress = codec.name === "zstd" ? zstdCompressor(codec.level) : undefined;
  const tables = createNoiseTables();
  const starts = new Int32Array(8);

  function pack(encoding: number, bytes: Uint8Array): PageValues {
    const packed = compress?.(bytes);
    const compressed = packed !== undefined && packed.length < bytes.length;
    return { encoding, compressed, plainByteLength: bytes.length, pieces: [compressed ? packed : bytes] };
  }

  /**
   * Splits the bytes of the floats into streams. Streams of noise become raw blocks of the Zstandard frame, each
   * created in its final place; only what follows them is compressed. This takes half the time and gives no larger
   * result.
   */
  function packFloats(width: 4 | 8, count: number): PageValues {
    const byteLength = count * width;
    const noisy = noisyStreams(workspace.bytes, workspace.int32, width, count, tables);
    if (noisy === width) return pagePlain(workspace.bytes.subarray(0, byteLength));
    let at = noisy === 0 ? 0 : FRAME_HEADER_BYTES;
    for (let stream = 0; stream < width; stream++) {
      if (stream < noisy) {
        writeRawBlockHeader(scratch, at, count);
        at += BLOCK_HEADER_BYTES;
      }
      starts[stream] = at;
      at += count;
    }
    splitFloats(width, count, starts, workspace);
    if (noisy === 0) return pack(ENCODING.byteStreamSplit, scratch.subarray(0, byteLength));
    writeFrameHeader(scratch, byteLength);
    const rest = starts[noisy]!;
    const blocks = blocksOf(compress!(scratch.subarray(rest, at)));
    return {
      encoding: ENCODING.byteStreamSplit,
      compressed: true,
      plainByteLength: byteLength,
      pieces: [scratch.subarray(0, rest), blocks],
    };
  }

  return {
    pack,
    encode(type, count) {
      switch (type) {
        case "float64":
          if (compress !== undefined && count > 0) return packFloats(8, count);
          return pagePlain(workspace.bytes.subarray(0, count * 8));
        case "float32":
          if (compress !== undefined && count > 0) return packFloats(4, count);
          return pagePlain(workspace.bytes.subarray(0, count * 4));
        case "int64":
        case "timestamp":
          return pack(ENCODING.plain, workspace.bytes.subarray(0, count * 8));
        case "int32":
        case "date32":
          return pack(ENCODING.plain, workspace.bytes.subarray(0, count * 4));
        case "bool":
          return pack(ENCODING.plain, packBits(workspace.bytes, count, scratch));
      }
    },
  };
}

function pagePlain(bytes: Uint8Array): PageValues {
  return { encoding: ENCODING.plain, compressed: false, plainByteLength: bytes.length, pieces: [bytes] };
}

/** One bit per value, lowest first. */
function packBits(values: Uint8Array, count: number, out: Uint8Array): Uint8Array {
  const bits = out.subarray(0, Math.ceil(count / 8)).fill(0);
  for (let i = 0; i < count; i++) if (values[i] !== 0) bits[i >> 3]! |= 1 << (i & 7);
  return bits;
}

/** Loaded when a writer needs it, so that an idle child starts sooner. */
function zstdCompressor(level: number): (bytes: Uint8Array) => Uint8Array {
  const { constants, zstdCompressSync } = process.getBuiltinModule("node:zlib");
  const params = { [constants.ZSTD_c_compressionLevel]: level };
  // Large enough for the whole result: the default of 16 KiB per step takes a third more time.
  return (bytes) => zstdCompressSync(bytes, { params, chunkSize: Math.max(1024, bytes.length + 512) });
}
