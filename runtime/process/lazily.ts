/** Something that is made when it is first asked for, once; where that fails it is tried again. */
export interface Lazy<T> {
  get(): Promise<T>;
  /** Undefined while nobody has asked, or while it is being made. */
  peek(): T | undefined;
  /** What is being made, or was; undefined when nobody has asked. */
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
