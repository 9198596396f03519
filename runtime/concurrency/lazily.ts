/** A value that is made once, at its first use. If making it fails, the next use tries again. */
export interface Lazy<T> {
  get(): Promise<T>;
  /** The value if it exists; undefined before the first use and while it is being made. */
  peek(): T | undefined;
  /** The pending or fulfilled promise; undefined before the first use. */
  begun(): Promise<T> | undefined;
}

export function lazily<T>(make: () => Promise<T>): Lazy<T> {
  let promise: Promise<T> | undefined;
  let value: T | undefined;
  async function begin(): Promise<T> {
    try {
      return (value = await make());
    } catch (error) {
      promise = undefined;
      throw error;
    }
  }
  return { get: () => (promise ??= begin()), peek: () => value, begun: () => promise };
}
