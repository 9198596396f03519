import { z } from "zod";
import type { PublishRequest } from "../../shared/protocol/invocation.ts";

const Binding = z.union([
  z.object({ dataset: z.string() }),
  z.object({ function: z.string(), params: z.record(z.string(), z.unknown()) }),
]);

/** What a version was published with, apart from defaults; empty or null where it was published with none. */
export const PublishedWith = z.object({
  params: z.record(z.string(), z.unknown()),
  inputs: z.record(z.string(), Binding),
  symbols: z.array(z.string()).nullable(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  asOf: z.string().nullable(),
});
export type PublishedWith = z.output<typeof PublishedWith>;

/** The answer of `GET /feature-sets`. */
export const CurrentSets = z.object({
  dataset: z.string(),
  featureSets: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(["feature", "label"]),
      version: z.string(),
      function: z.string(),
      with: PublishedWith,
    }),
  ),
});
export type CurrentSets = z.output<typeof CurrentSets>;
/** A feature set that has a current version, and what publishes the next one. */
export type CurrentSet = CurrentSets["featureSets"][number];

/** The fields of a request that publishes with the same again. */
export function requestWith({ params, inputs, ...selection }: PublishedWith): Partial<PublishRequest> {
  return {
    ...(isEmpty(params) ? {} : { params }),
    ...(isEmpty(inputs) ? {} : { inputs }),
    ...Object.fromEntries(Object.entries(selection).filter(([, value]) => value !== null)),
  };
}

function isEmpty(values: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(values).length === 0;
}

/** `times=5, bars=dataset:other, symbols A and B, from 2020-01-01`; empty for a publication with defaults. */
export function publishedWithText({ params, inputs, symbols, from, to, asOf }: PublishedWith): string {
  return [
    ...Object.entries(params).map(([name, value]) => `${name}=${valueText(value)}`),
    ...Object.entries(inputs).map(([name, bound]) => `${name}=${bindingText(bound)}`),
    ...(symbols === null ? [] : [`symbols ${symbolsText(symbols)}`]),
    ...(from === null ? [] : [`from ${from}`]),
    ...(to === null ? [] : [`to ${to}`]),
    ...(asOf === null ? [] : [`as of ${asOf}`]),
  ].join(", ");
}

function valueText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function bindingText(bound: z.output<typeof Binding>): string {
  if ("dataset" in bound) return `dataset:${bound.dataset}`;
  return `function:${bound.function}${isEmpty(bound.params) ? "" : JSON.stringify(bound.params)}`;
}

/** Enough to recognise a list by. */
const SYMBOLS_SHOWN_MAX = 3;

function symbolsText(symbols: readonly string[]): string {
  const shown = symbols.slice(0, SYMBOLS_SHOWN_MAX);
  const more = symbols.length - shown.length;
  if (more > 0) return `${shown.join(", ")} and ${more} more`;
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}
