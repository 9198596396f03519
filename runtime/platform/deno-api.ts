/** The part of Deno's own API that Quiver uses, typed here because the project's types are Bun's. */
export interface DenoApi {
  readonly version: { readonly deno: string; readonly v8: string };
  readonly build: { readonly os: string };
  execPath(): string;
  dlopen(path: string, symbols: Readonly<Record<string, DenoForeignSymbol>>): DenoLibrary;
  readonly UnsafePointer: { value(pointer: unknown): bigint };
  readonly UnsafePointerView: { getArrayBuffer(pointer: unknown, byteLength: number): ArrayBuffer };
  readonly permissions: {
    revokeSync(descriptor: { readonly name: string; readonly path?: string }): unknown;
  };
  serve(
    options: {
      readonly hostname: string;
      readonly port: number;
      readonly signal: AbortSignal;
      readonly onListen: () => void;
      readonly onError: (error: unknown) => Response;
    },
    handler: (request: Request) => Response | Promise<Response>,
  ): DenoServer;
}

export interface DenoForeignSymbol {
  readonly parameters: readonly string[];
  readonly result: string;
}

export interface DenoLibrary {
  readonly symbols: Readonly<Record<string, (...values: readonly unknown[]) => unknown>>;
  close(): void;
}

export interface DenoServer {
  readonly addr: { readonly port: number };
  readonly finished: Promise<void>;
  shutdown(): Promise<void>;
}

/** Deno's namespace when this process runs on Deno; undefined on any other runtime. */
export function denoApi(): DenoApi | undefined {
  return (globalThis as typeof globalThis & { readonly Deno?: DenoApi }).Deno;
}
