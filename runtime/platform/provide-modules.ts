import { denoApi } from "./deno-api.ts";

/** Module namespaces by the bare name under which author code imports them. */
export type ProvidedModules = Readonly<Record<string, object>>;

/**
 * Makes a bare name in author code mean a module that is loaded already. On Bun the namespaces themselves are
 * given; on Deno the command line's import map leads to files with the same instances, which are loaded here so
 * that nothing is read when the author's module comes.
 */
export async function provideModules(modules: ProvidedModules): Promise<void> {
  if (denoApi() !== undefined) {
    for (const name of Object.keys(modules)) await import(name);
    return;
  }
  Bun.plugin({
    name: "quiver",
    setup(build) {
      for (const [name, exports] of Object.entries(modules)) {
        build.module(name, () => ({ exports: { ...exports }, loader: "object" }));
      }
    },
  });
}
