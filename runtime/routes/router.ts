import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { z } from "zod";
import { defined } from "../../shared/defined.ts";
import { QuiverError } from "../../shared/errors/index.ts";
import { PROBLEM_MEDIA_TYPE } from "./problem.ts";
import { parseFields } from "./fields.ts";

export type Method = "delete" | "get" | "post";

/** A route: its purpose, its input and its answers. The OpenAPI document and the README's table derive from it. */
export interface RouteSpec<Q extends z.ZodObject = z.ZodObject, Path extends string = string> {
  readonly method: Method;
  /** In OpenAPI's notation: `/functions/{name}`. */
  readonly path: Path;
  readonly summary: string;
  readonly query: Q;
  /** Headers with a meaning beyond HTTP's own; the handler reads them itself. */
  readonly headers?: z.ZodObject;
  /** The schema of a JSON body, and other media types the route takes. */
  readonly body?: { readonly json?: z.ZodObject; readonly mediaTypes?: readonly string[] };
  /** By status, the answers other than problems. */
  readonly answers: Readonly<
    Record<
      number,
      {
        readonly what: string;
        readonly mediaTypes: readonly string[];
        /** The schema of the JSON. */
        readonly json?: z.ZodType;
      }
    >
  >;
}

/** What a handler gets: the request, its checked query, and the parameters of its path under their names. */
export type RouteCall<Query, Path extends string = string> = PathParams<Path> & {
  readonly request: Request;
  readonly query: Query;
};

type PathParams<Path extends string> = { readonly [Name in NamesIn<Path>]: string };

type NamesIn<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never;

export interface Router {
  readonly hono: OpenAPIHono;
  readonly routes: readonly RouteSpec[];
  add<Q extends z.ZodObject, Path extends string>(
    spec: RouteSpec<Q, Path>,
    handler: (call: RouteCall<z.output<Q>, Path>) => Response | Promise<Response>,
  ): void;
}

/** Makes a Hono application whose routes have their queries checked and appear in the OpenAPI document. */
export function createRouter(): Router {
  const hono = new OpenAPIHono();
  const routes: RouteSpec[] = [];
  return {
    hono,
    routes,
    add<Q extends z.ZodObject, Path extends string>(
      spec: RouteSpec<Q, Path>,
      handler: (call: RouteCall<z.output<Q>, Path>) => Response | Promise<Response>,
    ) {
      routes.push(spec);
      describe(hono, spec);
      hono.on(spec.method.toUpperCase(), honoPath(spec.path), (context) => {
        // Hono matched this very path, so it has a value for each name in it.
        const params = context.req.param() as PathParams<Path>;
        const query = parseFields(spec.query, queryOf(context), "in the query");
        return handler({ ...params, request: context.req.raw, query });
      });
    },
  };
}

/** The refusal of a path that matches no route: 405 if only the method is wrong. */
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

/** Whether a path matches a route's path, in which `{names}` match anything. */
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
      ...defined({ headers: spec.headers }),
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
