/** The refusal of a function that reads itself through others; `cycle` begins and ends with it. */
export function cycleSentence(name: string, cycle: readonly string[]): string {
  return `Cannot run ${JSON.stringify(name)}: it reads itself, ${cycle.join(" → ")}. Have one of them read something else.`;
}
