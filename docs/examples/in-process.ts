// Features in a script, without a server. The script starts the same isolated processes, which end with it.
//
//   npx bun docs/examples/in-process.ts            (npm run demo creates the data)
//   npx deno run -A docs/examples/in-process.ts
import { invoke, sql } from "quiver/runtime";

const options = { onProgress: report };

// Later calls reuse what is open; calls that run side by side share what they load.
const rsi = await invoke("rsi-macd", { params: { period: 21 }, ...options });
const [returns, counted] = await Promise.all([
  invoke("returns", { from: "2023-06-01" }),
  sql("select count(*)::int as n from demo.bars"),
]);
console.log(`rsi-macd: ${rsi.numRows} rows of ${rsi.schema.fields.map(({ name }) => name).join(", ")}`);
console.log(`returns since June: ${returns.numRows} rows`);
console.log(`bars: ${counted.getChild("n")?.get(0)}`);

function report({ stage, rowsDone, rowCount }: { stage: string; rowsDone: number; rowCount: number }) {
  console.error(`${stage}: ${rowsDone} of ${rowCount} rows`);
}
