import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { DOCS_PAGE } from "../../../runtime/routes/docs-page.ts";
import { openApp } from "../../support/open-app.ts";

/** As much of a document as the page's script touches. */
class Node {
  readonly children: unknown[] = [];
  append(...children: unknown[]): void {
    this.children.push(...children);
  }
  get text(): string {
    const texts = [Reflect.get(this, "textContent"), ...this.children].map((child) => {
      if (child instanceof Node) return child.text;
      return typeof child === "string" || typeof child === "number" ? String(child) : "";
    });
    return texts.join(" ");
  }
}

test("the page at /docs draws every route, error code and function from the live server", async () => {
  const app = await openApp();
  try {
    const roots = new Map<string, Node>();
    const document = {
      createElement: () => new Node(),
      querySelector: (selector: string) => {
        const root = roots.get(selector) ?? new Node();
        roots.set(selector, root);
        return root;
      },
    };
    const script = /<script type="module">([\s\S]*)<\/script>/.exec(DOCS_PAGE)?.[1] ?? "";
    // The page runs as a module, so that it may await at its top.
    const page = { document, location: { hash: "" }, fetch: (path: string) => app.get(`/${path}`) };
    await runInNewContext(`(async () => {${script}})()`, page);
    const drawn = (selector: string) => roots.get(selector)?.text ?? "";
    for (const { path, summary } of app.wired.app.routes) {
      expect(drawn("#routes")).toContain(path);
      expect(drawn("#routes")).toContain(summary);
    }
    expect(drawn("#errors")).toContain("row-limit-exceeded");
    expect(drawn("#functions")).toContain("rsi-macd");
    expect(drawn("#lead")).toContain("Version 0.0.0-test.");
  } finally {
    await app.close();
  }
});
