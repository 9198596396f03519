import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cataloguePages } from "../catalogue/catalogue-pages.ts";
import { readCatalogue } from "../catalogue/read-catalogue.ts";
import { withConnection } from "../connect.ts";
import type { CommandContext } from "../context.ts";

/** Where the project keeps its pages and the measured costs. */
const PAGES_DIR = "docs/catalogue";

/** `quiver ls --markdown [directory]`: writes a page for each function to a directory, or prints them all. */
export async function lsMarkdownCommand(
  context: CommandContext,
  directory: string | undefined,
): Promise<void> {
  const { terminal, settings } = context;
  await withConnection(context, "ls", "read", async ({ send }) => {
    const costFile = join(directory ?? PAGES_DIR, "cost.json");
    const pages = cataloguePages(await readCatalogue(send, settings.functions, costFile));
    if (directory === undefined) {
      terminal.out([...pages.values()].join("\n"));
      return;
    }
    mkdirSync(directory, { recursive: true });
    for (const [name, text] of pages) writeFileSync(join(directory, name), text);
    terminal.err(`${pages.size} pages in ${directory}\n`);
  });
}
