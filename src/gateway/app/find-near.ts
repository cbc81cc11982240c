/** Which of several exports was meant as the app. */
import { asApp } from "./as-app.ts";
import { isClass } from "./exports.ts";
import { isHttpServer } from "./find-sockets.ts";
import type { Module } from "./exports.ts";

/** The export that looks like the app, `app`, or like what makes it, `createApp()`; undefined where none does. */
export function findNear(module: Module): string | undefined {
  const names = Object.keys(module).filter((name) =>
    !["default", "module.exports", "onStart", "onStop", "metrics"].includes(
      name,
    )
  );
  const isFunction = (name: string) =>
    typeof module[name] === "function" && !isClass(module[name]);
  // Any function of one parameter could be an app, and most are none.
  const found = names.find((name) =>
    // The server in a framework's object is seldom what it means to be served by.
    !isFunction(name) && !isHttpServer(module[name]) &&
    asApp(module[name], "auto") !== undefined
  ) ?? names.find((name) =>
    /^(app|server|handler|listener|default)$/i.test(name) && isFunction(name)
  );
  if (found !== undefined) return found;
  const factory = names.find((name) =>
    isFunction(name) && /^(create|make|build|get)?_?(app|server)$/i.test(name)
  );
  return factory && `${factory}()`;
}
