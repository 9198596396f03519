import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { readBarUnits } from "../support/bar-columns.ts";
import { serveLines } from "../support/line-worker.ts";
import { timeWork } from "../support/processor-clock.ts";
import { type Indicator, lastRows } from "./indicator.ts";
import { indicatorTs } from "./indicator-ts.ts";
import type { ArrayBars } from "./library.ts";
import { technicalIndicators } from "./technicalindicators.ts";
import { tradingSignals } from "./trading-signals.ts";

// One other library in a process of its own, as its documentation shows it: ordinary arrays of numbers, one symbol after
// the other. The arrays are made beforehand.
const [packageDir = "", name = "", dir = "", rowCountMax = ""] = process.argv.slice(2);
const { rowCount, units } = readBarUnits(dir, Number(rowCountMax));
const bars = units.map(({ high, low, close }): ArrayBars => {
  const given = { high: [...high], low: [...low], close: [...close] };
  const takesCandles = name === "trading-signals";
  const candles = takesCandles
    ? given.close.map((price, i) => ({ high: given.high[i]!, low: given.low[i]!, close: price }))
    : [];
  return { ...given, candles };
});
const require = createRequire(join(packageDir, "index.js"));
const library =
  name === "technicalindicators"
    ? technicalIndicators(require(name))
    : name === "indicatorts"
      ? indicatorTs(require(name))
      : tradingSignals(await import(pathToFileURL(require.resolve(name)).href));

await serveLines(async ({ indicator, compare }) => {
  const run = library[indicator as Indicator];
  if (compare === true) return { columns: lastRows(run(bars[0]!)()) };
  const time = timeWork(() => {
    for (let i = 0; i < bars.length; i++) run(bars[i]!);
  });
  return { ...time, rowCount };
});
