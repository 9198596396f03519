import { defined } from "../../../shared/defined.ts";
import type { Offence } from "../compare-rows.ts";
import { runSubject, type Subject } from "../subject.ts";

/**
 * Finds the first row with an infinite value by bisection. Infinity is stored as null and only counted, but every
 * selection that contains it has the warning.
 */
export async function findInfinity(
  subject: Subject,
  columns: readonly string[],
): Promise<Offence | undefined> {
  const column = columns[0]!;
  const isIn = async (symbol: string, to?: string) => {
    const { facts } = await runSubject(subject, { symbols: [symbol], ...defined({ to }) });
    return facts.warnings.some(({ message }) => message.includes(`"${column}" held infinite values`));
  };
  for (const symbol of subject.symbols) {
    if (!(await isIn(symbol))) continue;
    const times = subject.market.table.rows.filter((row) => row.symbol === symbol).map(({ ts }) => ts);
    // Rows before times[low] contain no infinity; rows up to and including times[high] do.
    let [low, high] = [0, times.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (await isIn(symbol, times[middle + 1])) high = middle;
      else low = middle + 1;
    }
    return { symbol, ts: times[low]!, column, expected: "a number or null", got: "infinity" };
  }
  return undefined;
}
