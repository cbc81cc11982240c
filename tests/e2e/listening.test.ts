import { connect } from "node:net";
import * as assert from "../support/assert.ts";
import { get } from "../support/client/curl.ts";
import { runtimeName } from "../support/process/command.ts";
import { underLoad } from "../support/load/load.ts";
import { freePort } from "../support/machine/ports.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Server } from "../support/process/server.ts";
import { until } from "../support/wait.ts";

const listening = promises("an app that listens");

async function reload(server: Server): Promise<string> {
  const from = server.log().length;
  server.signal("SIGHUP");
  await server.waitForLog(/Reload (done|failed)/, { from });
  return server.log().slice(from);
}

/** True where something listens at a port of 127.0.0.1. */
function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const settle = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.once("connect", () => settle(true));
    socket.once("error", () => settle(false));
  });
}

function count(text: string, word: string): number {
  return text.split(word).length - 1;
}

listening(
  "it is served as it is: a reload loses nothing, and it says goodbye",
  async ({ folder, start, write }) => {
    const port = await freePort();
    write(
      "server.mjs",
      `import { createServer } from "node:http";
       import { setTimeout as wait } from "node:timers/promises";
       import listener from ${JSON.stringify(fixture("listener.ts"))};
       async function main() {
         await wait(50);
         const server = createServer(listener).listen(${port}, () => {
           console.log("at " + server.address().port + " " + process.env.PORT);
         });
         process.on("SIGTERM", () => {
           console.log("told");
           server.close(() => {
             console.log("closed");
             setTimeout(() => process.exit(0), 20);
           });
         });
       }
       main();`,
    );
    const server = await start({
      app: "server.mjs",
      args: ["-w", "2"],
      cwd: folder,
    });
    const report = await underLoad(
      { url: server.url, keepAlive: 4, single: 2 },
      async (load) => {
        await load.more(50);
        assert.match(await reload(server), "Reload done");
        assert.not.ok(await isOpen(port), "its own port is closed");
        await load.more(50);
      },
    );
    assert.equal(report.failed, []);
    await until(
      "the old workers to leave",
      () => server.workers().length === 2,
    );
    assert.is((await server.stop()).code, 0);
    const log = server.log();
    const line =
      `server.mjs listens itself: its port ${port} is served at ${server.url}`;
    assert.is(count(log, line), 2, "once for each load of it");
    assert.is(count(server.output(), `at ${server.port} ${server.port}`), 4);
    assert.is(count(server.output(), "told"), 4);
    assert.is(count(server.output(), "closed"), 4);
    assert.not.match(log, /ERROR/);
  },
);

listening(
  "an export is served before it, a second port is refused by name",
  async ({ folder, start, write }) => {
    const [one, two] = [await freePort(), await freePort()];
    const listen = (port: number, text: string) =>
      `createServer((_, res) => res.end(${
        JSON.stringify(text)
      })).listen(${port});`;
    const head = `import { createServer } from "node:http";`;
    write(
      "app.mjs",
      `${head} ${listen(one, "own")}
       export default (req, res) => res.end("export");`,
    );
    const server = await start({
      app: "app.mjs",
      args: ["-w", "1"],
      cwd: folder,
    });
    assert.is(await get(server.url), "export");
    assert.not.ok(await isOpen(one));
    assert.match(
      server.log(),
      `the export is served, port ${one} is not opened (--allow-listen ${one} would)`,
    );
    write("app.mjs", `${head} ${listen(one, "one")} ${listen(two, "two")}`);
    const refused = await reload(server);
    assert.match(
      refused,
      `Cannot listen on port ${two}: corn serves port ${one}`,
    );
    assert.match(refused, "Reload failed");
    assert.is(await get(server.url), "export");
  },
);

listening(
  "a port that is allowed is the app's own",
  async ({ folder, start, write }) => {
    const [one, two] = [await freePort(), await freePort()];
    write(
      "app.mjs",
      `import { createServer } from "node:http";
       createServer((_, res) => res.end("metrics")).listen(${two}, "127.0.0.1");
       const server = createServer((_, res) => res.end("app"));
       await new Promise((resolve) => server.listen(${one}, resolve));`,
    );
    const server = await start({
      app: "app.mjs",
      args: ["-w", "1", "--allow-listen", String(two)],
      cwd: folder,
    });
    assert.is(await get(server.url), "app");
    assert.is(await get(`http://127.0.0.1:${two}`), "metrics");
    assert.not.ok(await isOpen(one));
  },
);

listening(
  "a program that lets its process end leaves when nothing is left to do",
  async ({ folder, start, write }) => {
    const port = await freePort();
    // As npm's projects have it, which Deno takes for its config.
    write("package.json", `{ "type": "module" }`);
    write(
      "server.js",
      `import { createServer } from "node:http";
       import process from "node:process";
       const server = createServer((_, res) => res.end("app")).listen(${port});
       process.on("SIGTERM", () => {
         server.close(() => setTimeout(() => console.log("done"), 20));
       });`,
    );
    const server = await start({
      app: "server.js",
      args: ["-w", "1", "--graceful-timeout", "60"],
      cwd: folder,
    });
    assert.is(await get(server.url), "app");
    assert.is((await server.stop("SIGTERM", 30_000)).code, 0);
    assert.match(server.output(), "done");
    assert.not.match(server.log(), /WARNING/);
  },
);

listening(
  "INT cuts what is open, and lets the app end",
  async ({ connect, folder, start, write }) => {
    write(
      "server.mjs",
      `import { createServer } from "node:http";
       import { setTimeout as wait } from "node:timers/promises";
       createServer((request, response) => {
         if (request.url !== "/slow") response.end("app");
       }).listen(3000);
       process.on("SIGINT", async (signal) => {
         await wait(50);
         console.log("told of " + signal);
       });
       process.on("beforeExit", () => console.log("flushed"));`,
    );
    const server = await start({
      app: "server.mjs",
      args: ["-w", "1", "--graceful-timeout", "60"],
      cwd: folder,
    });
    const open = await connect(server.url);
    open.send("/slow");
    assert.is(await get(server.url), "app");
    assert.is((await server.stop("SIGINT", 30_000)).code, 0);
    await open.closed();
    assert.match(server.output(), /told of SIGINT\nflushed/);
    assert.not.match(server.log(), /WARNING|ERROR/);
  },
);

const OWN: Readonly<Record<typeof runtimeName, string>> = {
  node: `import { serve } from "@hono/node-server";
    serve({ port: PORT, fetch: (request) => new Response("own " + new URL(request.url).pathname) },
      (info) => console.log("at " + info.port));`,
  bun: `const server = Bun.serve({ port: PORT, fetch: (request, bun) =>
      new Response("own " + new URL(request.url).pathname + (bun.requestIP(request) ? "" : "?")) });
    console.log("at " + server.port);`,
  deno:
    `Deno.serve({ port: PORT, onListen: ({ port }) => console.log("at " + port) },
      (request, { remoteAddr }) => new Response("own " + new URL(request.url).pathname + (remoteAddr.port ? "" : "?")));`,
};

listening(
  "the runtime's own way to listen is served",
  async ({ start, write, folder }) => {
    const port = await freePort();
    const text = OWN[runtimeName].replaceAll("PORT", String(port));
    // A package is found from where corn is.
    const app = write(
      "server.mjs",
      text.replace(
        '"@hono/node-server"',
        JSON.stringify(import.meta.resolve("@hono/node-server")),
      ),
    );
    const server = await start({ app, args: ["-w", "1"], cwd: folder });
    assert.is(await get(`${server.url}/a`), "own /a");
    assert.not.ok(await isOpen(port));
    assert.is((await server.stop()).code, 0);
    assert.match(server.output(), `at ${server.port}`);
  },
);

listening("a module that does nothing is refused at once", async (lab) => {
  lab.write("app.mjs", "console.log('done');");
  const command = lab.run({
    app: "app.mjs",
    args: ["-w", "1"],
    cwd: lab.folder,
  });
  assert.is((await command.ended).code, 4);
  assert.match(command.log(), "it exports nothing; nor does it listen");
});

listening.run();
