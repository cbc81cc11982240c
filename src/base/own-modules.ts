/** Which modules are corn's own. */

/** What has them in a checkout and on JSR; the npm package is a bundle, whose files are in one folder beside them: source maps name them. */
const APART = /\/src\/base\/own-modules\.ts$/;

/** What the URLs of corn's own modules begin with, by the URL of this one. */
export function ownModules(self: string): readonly string[] {
  const bundle = APART.test(self) ? [] : [new URL("./", self).href];
  const root = new URL(bundle.length === 0 ? "../../" : "../", self);
  return [
    ...bundle,
    ...["mod.ts", "worker.ts", "thread.ts", "src/", "adapters/"].map((name) =>
      new URL(name, root).href
    ),
  ];
}

/** The same for this corn. */
export const OWN_MODULES: readonly string[] = ownModules(import.meta.url);
