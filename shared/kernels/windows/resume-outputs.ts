/**
 * Fills outputs from a kernel that runs over longer columns, in which `before` bars precede the first row: `compute`
 * receives arrays of that length, and their ends are copied to `outs`. If there are no such bars, it receives `outs`
 * directly. The counterpart of `resumeWindow`.
 */
export function resumeOutputs(
  before: number,
  outs: readonly Float64Array[],
  compute: (...longer: Float64Array[]) => void,
): void {
  if (before === 0) {
    compute(...outs);
    return;
  }
  const longer = outs.map((out) => new Float64Array(before + out.length));
  compute(...longer);
  outs.forEach((out, index) => out.set(longer[index]!.subarray(before)));
}
