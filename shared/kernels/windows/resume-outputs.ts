/**
 * Fills outputs from a kernel that is run over longer columns, `before` bars of which lie in front of the first row:
 * `compute` is given arrays of that length, and their ends are copied to `outs`. Without such bars it is given `outs`
 * themselves. The other half of `resumeWindow`.
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
