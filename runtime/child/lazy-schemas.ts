/** A zod module, as far as this code needs to know it. */
export type SchemaModule = Readonly<Record<string, unknown>>;

/**
 * Stands in for zod in a function's process, where a definition builds its parameters' schema but nobody uses it,
 * because the parameters are already parsed. Calls that only build a schema are recorded. Any other use of the module
 * or of a schema loads zod, replays the recorded calls, and is then performed on the real object.
 *
 * For a call over one symbol, zod took a quarter of the process's time.
 */
export function lazySchemas(load: () => SchemaModule, names: readonly string[]): SchemaModule {
  const lateExport = (name: string) => {
    const real = () => load()[name];
    if (NAMESPACES.has(name))
      return standIn(real, (key) => (FACTORIES.has(key) ? build(real, key) : undefined));
    const call = FACTORIES.has(name) ? build(load, name) : undefined;
    return standIn(real, () => undefined, call);
  };
  return Object.fromEntries(names.map((name) => [name, lateExport(name)]));
}

/** Exports that are the module itself. */
const NAMESPACES: ReadonlySet<unknown> = new Set(["z", "default"]);

/** Functions of the module that return a new schema and do nothing else. */
const FACTORIES: ReadonlySet<unknown> = new Set(
  (
    "any array bigint boolean date enum float32 float64 int int32 literal looseObject nullable nullish " +
    "number object optional record strictObject string tuple uint32 union unknown"
  ).split(" "),
);

/** Methods that return a new schema on every schema that has them. */
const METHODS: ReadonlySet<unknown> = new Set(
  (
    "array catch default describe finite gt gte int length lt lte max meta min multipleOf negative " +
    "nonempty nonnegative nonpositive nullable nullish optional positive prefault readonly refine regex " +
    "step transform trim"
  ).split(" "),
);

type Call = (...given: unknown[]) => unknown;

/** Records the call `owner()[key](...)`. */
function build(owner: () => unknown, key: PropertyKey): Call {
  return (...given) => {
    let made: { readonly schema: unknown } | undefined;
    const schema = () => (made ??= { schema: invoke(owner(), key, given) }).schema;
    return standIn(schema, (method) =>
      made === undefined && METHODS.has(method) ? build(schema, method) : undefined,
    );
  };
}

function invoke(owner: unknown, key: PropertyKey, given: readonly unknown[]): unknown {
  const method: unknown = Reflect.get(Object(owner), key);
  if (typeof method === "function") return Reflect.apply(method, owner, given.map(asReal));
  throw new TypeError(`${String(key)} is not a function`);
}

/** A stand-in for `real()`: `known` answers without it, everything else loads it. */
function standIn(real: () => unknown, known: (key: PropertyKey) => unknown, call?: Call): object {
  const object = () => Object(real());
  // A bound function can be called and constructed, and has no property that a stand-in would have to mirror.
  const proxy: object = new Proxy(nothing.bind(undefined), {
    get: (_, key) => known(key) ?? property(object(), key),
    apply: (_, self, given) =>
      call === undefined ? Reflect.apply(object(), self, given.map(asReal)) : call(...given),
    construct: (_, given, made) => {
      const constructor = object();
      return Reflect.construct(constructor, given.map(asReal), made === proxy ? constructor : made);
    },
    set: (_, key, value) => Reflect.set(object(), key, value),
    has: (_, key) => Reflect.has(object(), key),
    ownKeys: () => Reflect.ownKeys(object()),
    getPrototypeOf: () => Reflect.getPrototypeOf(object()),
    // A non-configurable property would have to be the stand-in's own.
    getOwnPropertyDescriptor: (_, key) => {
      const descriptor = Reflect.getOwnPropertyDescriptor(object(), key);
      return descriptor && { ...descriptor, configurable: true };
    },
  });
  REAL.set(proxy, real);
  return proxy;
}

function nothing(): void {}

const REAL = new WeakMap<object, () => unknown>();

/** Methods also accept stand-ins. */
function property(object: object, key: PropertyKey): unknown {
  const value: unknown = Reflect.get(object, key);
  if (typeof value !== "function" || !("_zod" in object)) return value;
  return (...given: unknown[]) => Reflect.apply(value, object, given.map(asReal));
}

/** Replaces stand-ins by real schemas, also inside lists and shapes, because zod compares schemas by identity. */
function asReal(value: unknown): unknown {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return value;
  const real = REAL.get(value);
  if (real !== undefined) return real();
  if (Array.isArray(value)) return value.map(asReal);
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  const copy = {};
  for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
    // A recursive schema's shape has getters that must not be called yet.
    const change =
      descriptor.get === undefined
        ? { value: asReal(descriptor.value) }
        : { get: () => asReal(descriptor.get?.call(copy)) };
    Object.defineProperty(copy, key, { ...descriptor, ...change });
  }
  return copy;
}
