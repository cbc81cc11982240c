import type { ConfigFunction, CornConfig } from "../table/types.ts";

/**
 * Gives a config file its types; returns what it is given.
 *
 * ```ts
 * import { defineConfig } from "corn";
 *
 * export default defineConfig({
 *   bind: ["0.0.0.0:8000", "unix:/run/app.sock"],
 *   workers: 4,
 *   gracefulTimeout: "1m",
 * });
 * ```
 *
 * A function is called with the runtime's name and the environment:
 *
 * ```ts
 * export default defineConfig(({ env }) => ({
 *   logLevel: env.DEBUG ? "debug" : "info",
 * }));
 * ```
 */
export function defineConfig(
  config: CornConfig | ConfigFunction,
): CornConfig | ConfigFunction {
  return config;
}
