/** A number where the text is one; else the text as it was typed, for whoever refuses it to show. */
export function numberOrText(text: string | undefined): number | string | undefined {
  const value = Number(text);
  return text === undefined || text.trim() === "" || !Number.isFinite(value) ? text : value;
}
