/** The number that the text spells; otherwise the text as typed, so that a refusal can quote it. */
export function numberOrText(text: string | undefined): number | string | undefined {
  const value = Number(text);
  return text === undefined || text.trim() === "" || !Number.isFinite(value) ? text : value;
}
