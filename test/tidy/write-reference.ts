import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { wire } from "../../runtime/wire.ts";
import { settingsWith } from "../support/settings-with.ts";
import { referenceTables, withTables } from "./reference-tables.ts";
import { ROOT } from "./source-files.ts";

/** Updates the README's tables from the source; `npm run docs` runs it. */
const quiet = () => undefined;
const wired = wire({
  settings: settingsWith({}),
  holdsLock: false,
  version: "0",
  onAuthorOutput: quiet,
  onLog: quiet,
});
const path = join(ROOT, "README.md");
writeFileSync(path, withTables(readFileSync(path, "utf8"), referenceTables(wired.app.routes)));
await wired.close();
