/** The properties of an object that are not undefined; those that may be undefined become optional. */
export type Defined<T> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Leaves out undefined properties, because an optional property must be absent, never undefined. */
export function defined<T extends object>(values: T): Defined<T> {
  const present = Object.entries(values).filter(([, value]) => value !== undefined);
  // Exactly the properties that the type describes.
  return Object.fromEntries(present) as Defined<T>;
}
