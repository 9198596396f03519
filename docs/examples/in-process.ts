// Features in a script, without a server: the same isolated processes, started here and gone when the script ends.
//
//   npx bun docs/examples/in-process.ts            (npm run demo makes the data)
//   npx deno run -A docs/examples/in-process.ts
import { invoke, sql } from "quiver/runtime";

const options = { onProgress: report };

// One call after the other finds everything open; side by side they share what they load.
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
