/** A range of bytes in a file; by default from the start to the end. */
export interface FileWindow {
  readonly offset?: number;
  readonly byteLength?: number;
}

/** Resolves the window to numbers. Refuses one that exceeds the file, because touching it would crash the process. */
export function checkWindow(
  path: string,
  window: FileWindow,
  fileSize: number,
): { readonly offset: number; readonly byteLength: number } {
  const offset = window.offset ?? 0;
  const byteLength = window.byteLength ?? Math.max(0, fileSize - offset);
  const whole = Number.isSafeInteger(offset) && Number.isSafeInteger(byteLength);
  if (whole && offset >= 0 && byteLength >= 0 && offset + byteLength <= fileSize)
    return { offset, byteLength };
  throw new Error(
    `Cannot map ${path}: bytes ${offset} to ${offset + byteLength} were requested, but the file has ${fileSize}.`,
  );
}
