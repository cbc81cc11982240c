import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "../support/assert.ts";
import { curl, get } from "../support/client/curl.ts";
import { promises } from "../support/promise.ts";
import type { Server } from "../support/process/server.ts";
import { until } from "../support/wait.ts";

const apps = promises("apps");

apps(
  "an object, a function, a named fetch and a listener are apps",
  async ({ start, write, folder }) => {
    // One server after the other by a reload, which is quicker than a start.
    const forms: Readonly<Record<string, string>> = {
      "object.ts": `export default { fetch: () => new Response("object") };`,
      "function.ts":
        `export default (request: Request) => new Response("function");`,
      "env.ts":
        `export default function (request: Request, env: unknown) { return new Response("env"); }`,
      "fetch.ts": `export function fetch() { return new Response("fetch"); }`,
      "beside.ts":
        `export default 1; export const fetch = () => new Response("beside");`,
      "named.ts:api":
        `export const api = { fetch: () => new Response("named") };`,
      'factory.ts:make({"debug":true})':
        `export const make = async ({ debug }: { debug: boolean }) => () => new Response("factory " + debug);`,
      "factory.ts:make()": "",
      "listener.ts":
        `import type { IncomingMessage, ServerResponse } from "node:http";\nexport default (req: IncomingMessage, res: ServerResponse) => { res.end("listener"); };`,
      "common.cjs":
        `exports.__esModule = true; exports.default = { fetch: () => new Response("common") };`,
    };
    const config = (app: string) =>
      write(
        "corn.config.json",
        JSON.stringify({
          app,
          bind: ["127.0.0.1:0"],
          workers: 1,
          keepAlive: 1,
        }),
      );
    let server: Server | undefined;
    for (const [app, text] of Object.entries(forms)) {
      const [name = ""] = app.split(":");
      if (text !== "") write(name, text);
      else {writeFileSync(
          join(folder, name),
          `export const make = (...args: unknown[]) => () => new Response("factory " + args.length);`,
        );}
      config(app);
      if (server === undefined) {
        server = await start({ cwd: folder, defaults: false });
      } else {
        const from = server.log().length;
        server.signal("SIGHUP");
        await server.waitForLog(/Reload (done|failed|refused)/, { from });
      }
      const wanted = app.endsWith("()")
        ? "factory 0"
        : app.startsWith("factory")
        ? "factory true"
        : name.split(".")[0];
      // An old worker may answer until it has read that it is to drain.
      const { url } = server;
      await until(`"${wanted}"`, async () => await get(url) === wanted, 2000);
    }
  },
);

/** A real framework: GET, POST with JSON, an error. */
async function check(server: Server, name: string): Promise<void> {
  const { url } = server;
  assert.equal(JSON.parse(await get(url)), { hello: name });
  const posted = await curl(
    `${url}/echo`,
    ...["-H", "content-type: application/json", "-d", '{"a":[1,"ü"]}'],
  );
  assert.is(posted.status, 200);
  assert.equal(JSON.parse(posted.body), { a: [1, "ü"] });
  assert.is((await curl(`${url}/error`)).status, 500);
  assert.is((await curl(`${url}/missing`)).status, name === "Koa" ? 200 : 404);
  assert.is((await server.stop()).code, 0);
}

for (const name of ["Express", "Fastify", "Koa"]) {
  apps(`${name} is served`, async ({ start }) => {
    const app = `examples/${name.toLowerCase()}.ts`;
    await check(await start({ app, args: ["-w", "1"] }), name);
  });
}

apps(
  "a function of two parameters that tell nothing needs --gateway",
  async ({ start, run, write }) => {
    const app = write(
      "app.ts",
      `export default (a: unknown, b: { end(text: string): void }) => b.end("ok\\n");\n`,
    );
    const refused = run({ app, args: ["-w", "1"] });
    assert.is((await refused.ended).code, 4);
    assert.match(refused.log(), "say --gateway fetch or --gateway node");
    const server = await start({ app, args: ["-w", "1", "--gateway", "node"] });
    assert.is(await get(server.url), "ok\n");
  },
);

apps.run();
