import { denoApi } from "./deno-api.ts";

/** Module namespaces by the bare name under which author code imports them. */
export type ProvidedModules = Readonly<Record<string, object>>;

/**
 * Makes a bare name in author code resolve to a module that is already loaded. On Bun the namespaces themselves are
 * provided. On Deno the command line's import map points to files that re-export the same instances; they are loaded
 * here, so that nothing has to be read when the author's module loads.
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
