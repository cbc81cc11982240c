/**
 * Koa 3: `app.callback()` is the Node listener.
 *
 *     corn examples/koa.ts
 */
import Koa from "koa";
import type { IncomingMessage } from "node:http";

interface Context {
  readonly method: string;
  readonly path: string;
  readonly req: IncomingMessage;
  body: unknown;
}

const app = new Koa();

app.use(async (ctx: Context) => {
  if (ctx.path === "/error") throw new Error("thrown in Koa");
  if (ctx.method === "POST") {
    let text = "";
    for await (const chunk of ctx.req) text += chunk;
    ctx.body = JSON.parse(text);
    return;
  }
  ctx.body = { hello: "Koa" };
});

export default app.callback();
