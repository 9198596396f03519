/** The comment above a function's default export, as Markdown; undefined if there is none. */
export function docComment(source: string): string | undefined {
  const at = source.search(/^export default /m);
  if (at < 0) return undefined;
  const comment = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/.exec(source.slice(0, at))?.[1];
  const text = comment
    ?.split("\n")
    .map((line) => line.replace(/^\s*\* ?/, ""))
    .join("\n")
    .trim();
  return text === "" ? undefined : text;
}
