/**
 * An app that is made by a function: what stands in the parentheses is JSON.
 *
 *     corn 'examples/factory.ts:createApp({"greeting":"Moin"})'
 */
import { Hono } from "hono";

interface Options {
  readonly greeting?: string;
}

/** The function may also be async. */
export function createApp({ greeting = "Hello" }: Options = {}): Hono {
  const app = new Hono();
  app.get("/:name", (c) => c.text(`${greeting}, ${c.req.param("name")}\n`));
  return app;
}
