/** Which bytes of a file; left out means from the start, and to the end. */
export interface FileWindow {
  readonly offset?: number;
  readonly byteLength?: number;
}

/** The window in numbers; one that leaves the file would crash the process on touch, so it is refused. */
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
    `Cannot map ${path}: bytes ${offset} to ${offset + byteLength} were asked for, the file has ${fileSize}.`,
  );
}
