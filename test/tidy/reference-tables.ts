import { EXIT_CODES } from "../../runtime/cli/exit-codes.ts";
import type { RouteSpec } from "../../runtime/routes/router.ts";
import {
  SETTING_NAMES,
  SETTINGS,
  settingDefault,
  settingFlag,
  settingVariable,
} from "../../runtime/settings.ts";
import { ERROR_CODES } from "../../shared/errors/index.ts";

/** The README's generated tables, by the name in their markers. */
export function referenceTables(routes: readonly RouteSpec[]): Record<string, string> {
  return {
    routes: table(
      ["route", "what"],
      routes.map(({ method, path, summary }) => [`\`${method.toUpperCase()} ${path}\``, summary]),
    ),
    settings: table(
      ["flag", "variable", "default", "what"],
      SETTING_NAMES.map((name) => {
        const value = settingDefault(name);
        return [
          `\`${settingFlag(name)}\``,
          `\`${settingVariable(name)}\``,
          value === "" ? "" : `\`${value}\``,
          SETTINGS[name].help,
        ];
      }),
    ),
    "error-codes": table(
      ["code", "status", "what"],
      Object.entries(ERROR_CODES).map(([code, { status, what }]) => [`\`${code}\``, String(status), what]),
    ),
    "exit-codes": table(
      ["code", "what"],
      Object.values(EXIT_CODES).map(({ code, what }) => [`\`${code}\``, what]),
    ),
  };
}

/** Replaces every marked table of a text by the generated one. */
export function withTables(text: string, tables: Readonly<Record<string, string>>): string {
  return text.replaceAll(
    /(<!-- table: ([a-z-]+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, start: string, name: string, end: string) => `${start}\n${tables[name] ?? "no such table"}\n${end}`,
  );
}

/** Formats a table as prettier would, with padded columns. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0), 3));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return `${[line(cells[0] ?? []), rule, ...cells.slice(1).map(line)].join("\n")}\n`;
}
