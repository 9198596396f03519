/**
 * The page at `/docs`: a single file without outside assets, rendered from `/openapi.json`. It shows routes and
 * error codes, and sends GET requests.
 */
export const DOCS_PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Quiver</title>
<style>
  :root { color-scheme: light dark; --ink: #1c2430; --soft: #5d6b7e; --line: #dde3ea; --paper: #fff; --wash: #f5f7fa; --get: #17724a; --post: #8a4b08; }
  @media (prefers-color-scheme: dark) { :root { --ink: #e6ebf2; --soft: #9aa8ba; --line: #2c3644; --paper: #141a22; --wash: #1b232e; --get: #5fd39b; --post: #f0b26b; } }
  body { margin: 0 auto; max-width: 60rem; padding: 2rem 1.25rem 6rem; font: 15px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
  h1 { margin: 0; font-size: 1.7rem; letter-spacing: -.01em; } h2 { margin: 2.5rem 0 .75rem; font-size: 1.1rem; }
  p.lead { margin: .25rem 0 0; color: var(--soft); }
  details { border: 1px solid var(--line); border-radius: 8px; margin: .5rem 0; background: var(--paper); }
  summary { display: flex; gap: .75rem; align-items: baseline; padding: .6rem .9rem; cursor: pointer; flex-wrap: wrap; }
  details[open] summary { border-bottom: 1px solid var(--line); }
  .method { font: 600 12px ui-monospace, monospace; width: 2.6rem; color: var(--get); } .post { color: var(--post); }
  code, pre, .path { font: 13px ui-monospace, SFMono-Regular, monospace; } .path { font-weight: 600; }
  .what { color: var(--soft); flex: 1 1 16rem; } .inside { padding: .75rem .9rem; }
  table { border-collapse: collapse; width: 100%; } td, th { text-align: left; padding: .35rem .6rem .35rem 0; vertical-align: top; border-top: 1px solid var(--line); } th { border: 0; color: var(--soft); font-weight: 500; }
  pre { background: var(--wash); padding: .75rem; border-radius: 6px; overflow: auto; max-height: 24rem; margin: .5rem 0 0; }
  input { font: 13px ui-monospace, monospace; padding: .35rem .5rem; border: 1px solid var(--line); border-radius: 6px; background: var(--wash); color: inherit; width: min(34rem, 70%); }
  button { padding: .35rem .8rem; border: 1px solid var(--line); border-radius: 6px; background: var(--wash); color: inherit; cursor: pointer; }
  :target { outline: 2px solid var(--get); outline-offset: 4px; border-radius: 4px; }
</style>
<h1>Quiver</h1>
<p class="lead" id="lead">Reading /openapi.json …</p>
<h2>Routes</h2><div id="routes"></div>
<h2>Functions</h2><div id="functions"></div>
<h2>Error codes</h2><p class="lead">Every refusal is <code>application/problem+json</code> with one of these codes.</p>
<table><thead><tr><th>code</th><th>status</th><th>what</th></tr></thead><tbody id="errors"></tbody></table>
<script type="module">
const make = (tag, attributes, ...children) => {
  const element = Object.assign(document.createElement(tag), attributes);
  element.append(...children);
  return element;
};
const row = (...cells) => make("tr", {}, ...cells.map((cell) => make("td", {}, cell)));
const code = (text) => make("code", { textContent: text });
const describe = (schema) => schema?.description ?? schema?.type ?? (schema?.enum ?? []).join(", ");

function fields(title, entries) {
  if (entries.length === 0) return "";
  const body = entries.map(([name, schema]) => row(code(name), describe(schema)));
  return make("table", {}, make("thead", {}, make("tr", {}, make("th", { textContent: title }), make("th", {}))), make("tbody", {}, ...body));
}

function sender(path) {
  const input = make("input", { value: path, ariaLabel: "path to get" });
  const output = make("pre", { hidden: true });
  const send = async () => {
    output.hidden = false;
    output.textContent = "…";
    try {
      const response = await fetch(input.value, { headers: { accept: "application/json, text/plain;q=0.9, */*;q=0.1" } });
      const text = await response.text();
      let shown = text;
      try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* not JSON: shown as it came */ }
      output.textContent = response.status + " " + response.statusText + "\\n" + shown.slice(0, 20000);
    } catch (error) { output.textContent = String(error); }
  };
  return make("div", {}, make("p", {}, input, " ", make("button", { textContent: "GET", onclick: send })), output);
}

function route(path, method, operation) {
  const json = operation.requestBody?.content?.["application/json"]?.schema;
  const others = Object.keys(operation.requestBody?.content ?? {}).filter((type) => type !== "application/json");
  const answers = Object.entries(operation.responses).map(([status, answer]) =>
    [status, { description: answer.description + " — " + Object.keys(answer.content ?? {}).join(", ") }]);
  const inside = make("div", { className: "inside" },
    fields("query", (operation.parameters ?? []).filter((one) => one.in === "query").map((one) => [one.name, one.schema])),
    fields("body (JSON)", Object.entries(json?.properties ?? {})),
    others.length === 0 ? "" : make("p", {}, "or a body of type ", code(others.join(", "))),
    fields("answers", answers),
    method === "get" && path !== "/docs" ? sender(path) : "");
  return make("details", {}, make("summary", {},
    make("span", { className: "method " + method, textContent: method.toUpperCase() }),
    make("span", { className: "path", textContent: path }),
    make("span", { className: "what", textContent: operation.summary })), inside);
}

const api = await (await fetch("openapi.json")).json();
document.querySelector("#lead").textContent = api.info.description + ". Version " + api.info.version + ".";
for (const [path, methods] of Object.entries(api.paths))
  for (const [method, operation] of Object.entries(methods)) document.querySelector("#routes").append(route(path, method, operation));
for (const [name, { status, what }] of Object.entries(api["x-error-codes"])) {
  const line = row(code(name), String(status), what);
  line.id = name;
  document.querySelector("#errors").append(line);
}
if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
const { functions } = await (await fetch("functions")).json();
document.querySelector("#functions").append(functions.length === 0 ? "none yet" : make("table", {}, make("tbody", {},
  ...functions.map((one) => row(make("a", { href: "functions/" + one.name }, code(one.name)), one.description)))));
</script>
</html>
`;
