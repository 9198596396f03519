import { z } from "zod";

const text = (expected: string) => z.string().min(1).describe(expected);
const names = (expected: string) => z.array(z.string().min(1)).min(1).describe(expected);
const yesNo = z.boolean().describe("true or false").optional();

/**
 * What a caller knows about the files to import. Each option that is left out is taken from the dataset if it exists,
 * and inferred and reported otherwise. A description below completes the sentence "expected …" of a refusal.
 */
export const ImportOptions = z
  .strictObject({
    kind: z.enum(["bars", "series", "attributes"]).describe('"bars", "series" or "attributes"').optional(),
    /** Zone of times that are written without one. */
    timezone: text('a time zone, for example "America/New_York"').optional(),
    stamp: z.enum(["start", "end"]).describe('"start" or "end"').optional(),
    calendar: text("the name of a trading calendar").optional(),
    intervalSeconds: z
      .union([z.int().positive(), z.literal("1d")])
      .describe('a whole number of seconds, at least 1, or "1d"')
      .optional(),
    availabilitySeconds: z.number().min(0).describe("a number of seconds, at least 0").optional(),
    /** Canonical name to source column, `{ symbol: "ticker" }`; `ts` may be `"date+time"`. */
    mapping: z
      .record(z.string(), z.string())
      .describe("an object of source columns by canonical name")
      .optional(),
    /** Source columns to leave out. */
    ignore: names("a list of source columns").optional(),
    /** Names of the columns of files without a header line, in order. */
    columns: names("a list of column names").optional(),
    separator: z
      .string()
      .regex(/^(?:[^"\r\n]|\\t)$/)
      .describe("one character other than a quote or a line break, or \\t for a tab")
      .optional(),
    /** The symbol of all rows, for files that have no symbol column. */
    symbol: z.string().regex(/\S/).describe("a symbol").optional(),
    /** A regular expression with one group that finds the symbol in a file's name. */
    symbolPattern: text("a regular expression with one group").optional(),
    /** Source column with the time from which a row was known. */
    knownAt: text("the name of a source column").optional(),
    /** Format of the event time, where it cannot be recognised or is ambiguous. */
    timeFormat: text("a strptime format").optional(),
    /** Prices are divided by this. */
    priceScale: z.number().positive().describe("a number above 0").optional(),
    allowNonPositivePrices: yesNo,
    /** Quarantines out-of-session bars and those whose vwap is outside the bar, instead of counting them. */
    strict: yesNo,
  })
  .describe("an object of import options");
type Parsed = z.output<typeof ImportOptions>;
export type ImportOptions = { readonly [Name in keyof Parsed]: Readonly<Parsed[Name]> };
