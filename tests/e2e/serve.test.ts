// runtimes: node24, node26, bun, deno
import * as assert from "../support/assert.ts";
import { curl, get } from "../support/client/curl.ts";
import { runtimeName } from "../support/process/command.ts";
import { freePort } from "../support/machine/ports.ts";
import { fixture, promises } from "../support/promise.ts";
import { everybody, who } from "../support/client/who.ts";

const serve = promises("serve");
const app = fixture("app.ts");

serve("a Hono app is served by two workers", async ({ start }) => {
  const server = await start({ app: "examples/hello.ts", args: ["-w", "2"] });
  assert.is(await get(server.url), "Hello from corn\n");
  assert.is(server.workers().length, 2);
  assert.match(
    server.log(),
    new RegExp(`corn \\d\\S+ on ${runtimeName} \\d\\S+ starts 2 workers for`),
  );
  assert.is(server.output(), "", "the log goes to standard error");
  assert.equal(await server.stop(), { code: 0, signal: null });
  assert.match(server.log(), /Stopped\n$/);
});

serve("requests and answers arrive whole", async ({ start }) => {
  const { url } = await start({ app, args: ["-w", "1"] });
  const posted = await curl(`${url}/echo`, "--data-binary", "corn\n");
  assert.is(posted.body, "corn\n");
  assert.is(await get(`${url}/stream/3?ms=5`), "part 0\npart 1\npart 2\n");
  assert.is((await curl(`${url}/missing`)).status, 404);
  const head = await curl(url, "--head");
  assert.equal([head.exit, head.status], [0, 200]);
});

serve("each worker has its number", async ({ start }) => {
  const server = await start({ app, args: ["-w", "2"] });
  const workers = await everybody(server.url, 2);
  assert.equal([...workers.keys()].sort(), ["1", "2"]);
  const pids = [...workers.values()].map(({ pid }) => pid).sort();
  assert.equal(pids, server.workers().sort());
});

serve("flags reach the app and the workers", async ({ start, folder }) => {
  const server = await start({
    app,
    args: ["-e", "TEST_FLAG=a=b", "--env", "TEST_TOO=2", "--chdir", folder],
    env: { WEB_CONCURRENCY: "1", TEST_OUTER: "outer" },
  });
  assert.match(server.log(), / starts 1 worker for /, "WEB_CONCURRENCY");
  const { cwd, env } = await who(server.url);
  assert.is(cwd, folder);
  assert.is(env.TEST_FLAG, "a=b");
  assert.is(env.TEST_TOO, "2");
  assert.is(env.TEST_OUTER, "outer");
});

serve("PORT, CORN_CMD_ARGS and CORN_* are heard", async ({ start }) => {
  const port = await freePort();
  const server = await start({
    app,
    defaults: false,
    env: {
      CORN_CMD_ARGS: "--workers 1 --env 'TEST_WORDS=two words'",
      PORT: String(port),
      CORN_LOG_LEVEL: "debug",
    },
  });
  assert.match(server.log(), `Listening at http://0.0.0.0:${port}`);
  const { env } = await who(`http://127.0.0.1:${port}`);
  assert.is(env.TEST_WORDS, "two words");
  server.signal("SIGUSR1");
  await server.waitForLog(/\[DEBUG\] Got SIGUSR1/);
});

serve.run();
