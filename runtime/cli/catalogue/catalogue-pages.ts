import { type DescribedFunction, type MeasuredCosts } from "./described-function.ts";
import { functionPage, memoryText, type PageFacts } from "./function-page.ts";
import { markdownTable } from "./markdown-table.ts";

export interface CatalogueFacts {
  readonly functions: readonly Pick<PageFacts, "described" | "comment" | "more">[];
  readonly costs: MeasuredCosts | undefined;
}

/** Renders the catalogue: a page per function and an index, by file name. */
export function cataloguePages({ functions, costs }: CatalogueFacts): ReadonlyMap<string, string> {
  const pages = functions.map(({ described, comment, more }) => {
    const facts = {
      described,
      comment,
      more,
      cost: costs?.functions[described.name],
      measured: costs?.measured,
    };
    return [`${described.name}.md`, `${functionPage(facts)}\n`] as const;
  });
  return new Map([
    [
      "README.md",
      `${indexPage(
        functions.map(({ described }) => described),
        costs,
      )}\n`,
    ],
    ...pages,
  ]);
}

function indexPage(functions: readonly DescribedFunction[], costs: MeasuredCosts | undefined): string {
  const columns = functions.reduce((sum, { outputs }) => sum + outputs.length, 0);
  return [
    "# Catalogue",
    `${functions.length} functions with ${columns} columns, generated from the code by \`quiver ls --markdown\`. A value that cannot be ` +
      "computed is null. A column's unit says what an adjustment of prices does to it: a `ratio`, a `count` and a `flag` " +
      "keep their values, a `price` and a `volume` scale. `quiver check` tests what the pages state.",
    markdownTable(
      ["function", "description", "columns", "by", "memory", "ms per million rows"],
      functions.map((described) => {
        const { name, description, outputs, partition } = described;
        const cost = costs?.functions[name]?.millisecondsPerMillionRows;
        return [
          `[${name}](${name}.md)`,
          description,
          String(outputs.length),
          partition,
          memoryText(described),
          cost === undefined ? "" : String(cost),
        ];
      }),
    ),
    costs === undefined ? "" : `Cost: ${costs.measured}`,
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}
