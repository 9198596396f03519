import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { z } from "zod";
import { QuiverError } from "../../shared/errors/index.ts";
import { PROBLEM_MEDIA_TYPE } from "./problem.ts";
import { parseFields } from "./fields.ts";

export type Method = "delete" | "get" | "post";

/** A route: what it is for, what it takes, what it gives. The OpenAPI document and the README's table derive from it. */
export interface RouteSpec<Q extends z.ZodObject = z.ZodObject> {
  readonly method: Method;
  /** In OpenAPI's way: `/functions/{name}`. */
  readonly path: string;
  readonly summary: string;
  readonly query: Q;
  /** Headers that mean something to it beyond what HTTP says; the handler reads them itself. */
  readonly headers?: z.ZodObject;
  /** Schema of the JSON body, where it takes one, and other media types that it takes. */
  readonly body?: { readonly json?: z.ZodObject; readonly mediaTypes?: readonly string[] };
  /** Status and media types of the answers besides problems. */
  readonly answers: Readonly<
    Record<
      number,
      {
        readonly what: string;
        readonly mediaTypes: readonly string[];
        /** What the JSON holds, where that is said. */
        readonly json?: z.ZodType;
      }
    >
  >;
}

/** What a handler is given: the request, its path's names, its checked query. */
export interface RouteCall<Q> {
  readonly request: Request;
  readonly name: string;
  readonly feature: string;
  readonly id: string;
  readonly query: Q;
}

export interface Router {
  readonly hono: OpenAPIHono;
  readonly routes: readonly RouteSpec[];
  add<Q extends z.ZodObject>(
    spec: RouteSpec<Q>,
    handler: (call: RouteCall<z.output<Q>>) => Response | Promise<Response>,
  ): void;
}

/** Adds routes to a Hono application, each with its query checked and its place in the OpenAPI document. */
export function createRouter(): Router {
  const hono = new OpenAPIHono();
  const routes: RouteSpec[] = [];
  return {
    hono,
    routes,
    add(spec, handler) {
      routes.push(spec);
      describe(hono, spec);
      hono.on(spec.method.toUpperCase(), honoPath(spec.path), (context) =>
        handler({
          request: context.req.raw,
          name: context.req.param("name") ?? "",
          feature: context.req.param("feature") ?? "",
          id: context.req.param("id") ?? "",
          query: parseFields(spec.query, queryOf(context), "in the query"),
        }),
      );
    },
  };
}

/** The refusal of a path that no route has: 405 where only the method is wrong. */
export function noRoute(routes: readonly RouteSpec[], method: string, path: string): QuiverError {
  const allow = routes
    .filter((route) => routeMatches(route.path, path))
    .map((route) => route.method.toUpperCase());
  if (allow.length > 0) {
    return new QuiverError(
      "method-not-allowed",
      `Cannot ${method} ${path}: expected ${allow.join(" or ")}.`,
      { allow },
    );
  }
  return new QuiverError("not-found", `Nothing is at ${path}. GET /openapi.json lists what there is.`, {
    path,
  });
}

/** Whether a route's path, `{names}` standing for anything, is this path. */
export function routeMatches(pattern: string, path: string): boolean {
  const parts = pattern.split("/");
  const given = path.split("/");
  return (
    parts.length === given.length && parts.every((part, at) => part.startsWith("{") || part === given[at])
  );
}

function honoPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}

function queryOf(context: Context): Record<string, string> {
  const repeated = Object.entries(context.req.queries()).find(([, values]) => values.length > 1);
  if (repeated !== undefined) {
    throw new QuiverError(
      "request-malformed",
      `Cannot read the field ${JSON.stringify(repeated[0])} in the query: given ${repeated[1].length} times, expected once.`,
      { field: repeated[0], given: repeated[1] },
    );
  }
  return context.req.query();
}

const ProblemSchema = z
  .object({ type: z.string(), title: z.string(), status: z.int(), code: z.string(), detail: z.string() })
  .describe("RFC 9457 problem details; the error's facts stand beside these members");

function describe(hono: OpenAPIHono, spec: RouteSpec): void {
  const names = [...spec.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "");
  const content = {
    ...(spec.body?.json === undefined ? {} : { "application/json": { schema: spec.body.json } }),
    ...Object.fromEntries((spec.body?.mediaTypes ?? []).map((type) => [type, { schema: binary() }])),
  };
  const answers = Object.entries(spec.answers).map(([status, { what, mediaTypes, json }]) => [
    status,
    {
      description: what,
      content: Object.fromEntries(
        mediaTypes.map((type) => [
          type,
          { schema: type === JSON_TYPE && json !== undefined ? json : anything(type) },
        ]),
      ),
    },
  ]);
  hono.openAPIRegistry.registerPath({
    method: spec.method,
    path: spec.path,
    summary: spec.summary,
    request: {
      query: spec.query,
      ...(spec.headers === undefined ? {} : { headers: spec.headers }),
      ...(names.length === 0
        ? {}
        : { params: z.object(Object.fromEntries(names.map((name) => [name, z.string()]))) }),
      ...(spec.body === undefined ? {} : { body: { content } }),
    },
    responses: {
      ...Object.fromEntries(answers),
      default: {
        description: "refused or failed: see the table of error codes",
        content: { [PROBLEM_MEDIA_TYPE]: { schema: ProblemSchema } },
      },
    },
  });
}

const JSON_TYPE = "application/json";

function binary() {
  return z.string().meta({ format: "binary" });
}

function anything(mediaType: string) {
  return mediaType.endsWith("json") ? z.unknown() : z.string();
}
