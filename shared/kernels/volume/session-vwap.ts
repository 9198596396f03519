import { requireSameLength, stateOrFresh } from "../arguments.ts";
import type { StateOptions } from "../state-options.ts";
import { typicalPrice } from "./typical-price.ts";

/** Length of the state of `sessionVwap`, in doubles: whether a session began, its number, money, shares. */
export const sessionVwapStateLength = 4;

/**
 * Volume-weighted average price since the session's start: `sum(typical price * volume) / sum(volume)` over the
 * session's bars up to and including the current one.
 *
 * `sessions` numbers the session of each bar (`sessionBuckets` with 0 minutes, or any number that changes with it);
 * NaN means a bar outside the sessions. Nulls: a bar outside the sessions, or with a null or infinite price or volume,
 * gives null and adds nothing; null until something was traded in the session. Recursive within a session: resumes bit
 * for bit from `state` (`sessionVwapStateLength`). Source: the usual definition; agrees with Stock.Indicators' GetVwap
 * from an anchor date.
 */
export function sessionVwap(
  sessions: Float64Array,
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  volume: Float64Array,
  out: Float64Array,
  { state }: StateOptions = {},
): void {
  requireSameLength("sessionVwap", { high, low, close, volume, out }, sessions.length);
  const saved = stateOrFresh("sessionVwap", state, sessionVwapStateLength);
  typicalPrice(high, low, close, out);
  let session = saved[0] === 0 ? NaN : saved[1]!;
  let money = saved[2]!;
  let shares = saved[3]!;
  for (let i = 0; i < sessions.length; i++) {
    const product = out[i]! * volume[i]!;
    const known = sessions[i]! + product + volume[i]!;
    if (known - known !== 0) {
      out[i] = NaN;
      continue;
    }
    if (sessions[i] !== session) {
      session = sessions[i]!;
      money = shares = 0;
    }
    money += product;
    shares += volume[i]!;
    out[i] = shares === 0 ? NaN : money / shares;
  }
  saved[0] = Number.isNaN(session) ? 0 : 1;
  saved[1] = saved[0] === 0 ? 0 : session;
  saved[2] = money;
  saved[3] = shares;
}
