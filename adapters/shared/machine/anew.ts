/** Modules that are loaded again, as they are by then: a runtime keeps each that it has loaded. */
import { realpathSync } from "node:fs";
import * as nodeModule from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { OWN_MODULES } from "../../../src/base/own-modules.ts";

type Load = (url: string) => Promise<Record<string, unknown>>;

/** Part of a module's URL, and of the URLs of what it imports. */
const QUERY = /\?corn=\d+$/;

const { cache } = nodeModule.createRequire(
  import.meta.url.startsWith("file:") ? import.meta.url : "file:///",
);

/** Makes `Runtime.importAnew` of what loads a module once. */
export function createImportAnew(
  load: Load,
): (url: string, time: number) => Promise<Record<string, unknown>> {
  let kept: readonly string[] = [];
  return async (url, time) => {
    // What was required is kept by its path, and on Bun what was imported too.
    for (const path of kept) delete cache[path];
    const before = new Set(Object.keys(cache));
    const passing = time === 0 ? undefined : passQueryOn();
    try {
      return await load(time === 0 ? url : `${url}?corn=${time}`);
    } finally {
      passing?.deregister();
      kept = Object.keys(cache).filter((path) =>
        !before.has(path) && isUsers(`file://${path}`)
      );
    }
  };
}

/** Gives what a module of the last load imports its query as well; Bun has no such hooks, and needs none (1.4.5, BUN-LINKS-KEPT). */
function passQueryOn(): { deregister(): void } | undefined {
  return nodeModule.registerHooks?.({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      const query = QUERY.exec(context.parentURL ?? "");
      const { url } = resolved;
      return query !== null && url.startsWith("file:") && isUsers(url)
        ? { ...resolved, url: url + query[0] }
        : resolved;
    },
  });
}

/**
 * The URL of a file with no link in it: Node and Bun, which import no link,
 * remember where those led that they have followed (24.21, NODE-LINKS-KEPT;
 * 1.4.5, BUN-LINKS-KEPT).
 */
export function withoutLinks(url: string): string {
  if (!url.startsWith("file:")) return url;
  const { search } = new URL(url);
  return pathToFileURL(realpathSync(fileURLToPath(url))).href + search;
}

/** True for a module that is neither a package's nor corn's: corn's own stay the ones that run. */
function isUsers(url: string): boolean {
  return !url.includes("/node_modules/") &&
    !OWN_MODULES.some((one) => url.startsWith(one));
}
