import { StringDecoder } from "node:string_decoder";

/** How much of a child's output an outcome keeps. */
export const LOG_TAIL_BYTES = 65_536;

/** Keeps the end of what a child prints, up to a fixed size. */
export class LogTail {
  #chunks: string[] = [];
  #keptLength = 0;
  #byteLength = 0;
  readonly #decoders = { stdout: new StringDecoder("utf8"), stderr: new StringDecoder("utf8") };

  /** The number of bytes so far. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** Adds a chunk and returns its text. A character that is cut in two is returned with the next chunk. */
  add(chunk: Buffer, stream: "stdout" | "stderr"): string {
    this.#byteLength += chunk.length;
    const text = this.#decoders[stream].write(chunk);
    this.#chunks.push(text);
    this.#keptLength += text.length;
    while (this.#keptLength - (this.#chunks[0]?.length ?? 0) >= LOG_TAIL_BYTES) {
      this.#keptLength -= this.#chunks.shift()?.length ?? 0;
    }
    return text;
  }

  /** Counts bytes that are not text: stray writes to the control channel. */
  count(byteLength: number): void {
    this.#byteLength += byteLength;
  }

  text(): string {
    return this.#chunks.join("").slice(-LOG_TAIL_BYTES);
  }
}
