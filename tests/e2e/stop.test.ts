import process from "node:process";
import * as assert from "../support/assert.ts";
import type { RawClient } from "../support/client/client.ts";
import { curl, get } from "../support/client/curl.ts";
import { alive, parentOf } from "../support/machine/proc.ts";
import { fixture, promises } from "../support/promise.ts";
import { sleep, until } from "../support/wait.ts";

const stop = promises("stop");
const app = fixture("app.ts");

/** Milliseconds that a promise takes. */
async function timed(promise: Promise<unknown>): Promise<number> {
  const start = performance.now();
  await promise;
  return performance.now() - start;
}

stop(
  "TERM finishes what is open, then exits with 0",
  async ({ start, connect }) => {
    const server = await start({
      app,
      args: ["-w", "2", "--log-level", "debug", "--slow-loop", "0"],
    });
    const [slow, stream, idle] = await Promise.all(
      [1, 2, 3].map(() => connect(server.url)),
    ) as [RawClient, RawClient, RawClient];
    for (const client of [slow, stream, idle]) {
      assert.is((await client.request("/")).closes, false);
    }
    slow.send("/slow?ms=800");
    stream.send("/stream/8?ms=100");
    await until("the stream to begin", () => stream.unread > 0);
    server.signal("SIGTERM");
    await server.waitForLog(/Got SIGTERM/);
    assert.is((await slow.answer()).text, "slow\n");
    assert.match((await stream.answer()).text, /^part 0\n[^]*part 7\n$/);
    assert.equal(await server.ended, { code: 0, signal: null });
  },
);

stop("TERM waits for what waitUntil() holds", async ({ start }) => {
  const server = await start({ app, args: ["-w", "1"] });
  assert.is(await get(`${server.url}/wait-until?ms=1300`), "held\n");
  assert.not.match(server.log(), "waitUntil is over");
  assert.equal(await server.stop(), { code: 0, signal: null });
  assert.match(server.log(), "waitUntil is over");
});

stop(
  "the graceful timeout ends a drain that gets stuck",
  async ({ start, connect }) => {
    const server = await start({
      app,
      args: ["-w", "1", "--graceful-timeout", "0.5"],
    });
    const stuck = await connect(server.url);
    stuck.send("/slow?ms=60000");
    assert.is(await get(server.url), "ok\n");
    const ms = await timed(server.stop());
    assert.ok(ms >= 450 && ms < 3000, `${ms} ms`);
    assert.match(
      server.log(),
      /\[WARNING\] Cut 1 open request.*graceful timeout of 0\.5 s/,
    );
    assert.is(server.ending()?.code, 0);
    await stuck.closed();
  },
);

stop("INT and QUIT do not wait", async ({ start, connect }) => {
  await Promise.all((["SIGINT", "SIGQUIT"] as const).map(async (signal) => {
    const server = await start({ app, args: ["-w", "1"] });
    const open = await connect(server.url);
    open.send("/slow?ms=60000");
    assert.is(await get(server.url), "ok\n");
    const ms = await timed(server.stop(signal));
    assert.ok(ms < 3000, `${signal} took ${ms} ms`);
    assert.is(server.ending()?.code, 0);
    await open.closed();
  }));
});

stop(
  "INT feels instant where nothing is in flight",
  async ({ start, connect }) => {
    const server = await start({
      app,
      args: ["-w", "1", "--keep-alive", "30"],
    });
    assert.is((await (await connect(server.url)).request("/")).text, "ok\n");
    const ms = await timed(server.stop("SIGINT"));
    assert.ok(ms < 3000, `${ms} ms`);
    assert.is(server.ending()?.code, 0);
  },
);

stop("a second TERM ends everything now", async ({ start, connect }) => {
  const server = await start({
    app,
    args: ["-w", "1", "--log-level", "debug", "--slow-loop", "0"],
  });
  const open = await connect(server.url);
  open.send("/slow?ms=60000");
  assert.is(await get(server.url), "ok\n");
  server.signal("SIGTERM");
  await server.waitForLog(/Got SIGTERM/);
  // One that comes sooner is taken for the first.
  await sleep(200);
  const ms = await timed(server.stop("SIGTERM"));
  assert.ok(ms < 1000, `${ms} ms`);
  assert.is(server.ending()?.code, 0);
});

for (const delay of ["0", "1"]) {
  stop(
    `TERM to the whole group replaces no worker, --drain-delay ${delay}`,
    async ({ start, connect }) => {
      const server = await start({
        app,
        args: [
          "-w",
          "2",
          "--drain-delay",
          delay,
          "--log-level",
          "debug",
          "--slow-loop",
          "0",
        ],
      });
      const open = await connect(server.url);
      const answer = open.request("/slow?ms=1500");
      await get(server.url);
      process.kill(-server.pid, "SIGTERM");
      assert.is((await answer).text, "slow\n");
      assert.equal(await server.ended, { code: 0, signal: null });
      assert.is(server.log().match(/ ready in /g)?.length, 2);
      assert.not.match(server.log(), /replaced|WARNING|ERROR/);
    },
  );
}

stop("timeout(1) ends corn as TERM does", async ({ start, connect }) => {
  const server = await start({
    app,
    args: ["-w", "1", "--log-level", "debug", "--slow-loop", "0"],
    wrapper: ["timeout", "60"],
  });
  const open = await connect(server.url);
  const answer = open.request("/slow?ms=1500");
  await get(server.url);
  // It signals its child, and then the group that both are in.
  process.kill(parentOf(server.pid), "SIGTERM");
  assert.is((await answer).text, "slow\n");
  await server.ended;
  assert.is(server.log().match(/ ready in /g)?.length, 1);
  assert.not.match(server.log(), /replaced|WARNING|ERROR/);
});

stop("--drain-delay goes on accepting for a while", async ({ start }) => {
  const server = await start({
    app,
    args: [
      "-w",
      "1",
      "--drain-delay",
      "1",
      "--log-level",
      "debug",
      "--slow-loop",
      "0",
    ],
  });
  server.signal("SIGTERM");
  await server.waitForLog(/Got SIGTERM/);
  assert.is(await get(server.url), "ok\n");
  assert.is(server.ending(), undefined);
  assert.equal(await server.ended, { code: 0, signal: null });
  assert.is.not((await curl(server.url)).exit, 0);
});

stop(
  "a kept connection is told to close, not cut",
  async ({ start, connect }) => {
    const server = await start({
      app,
      args: [
        "-w",
        "1",
        "--keep-alive",
        "1.5",
        "--log-level",
        "debug",
        "--slow-loop",
        "0",
      ],
    });
    const client = await connect(server.url);
    assert.is((await client.request("/")).closes, false);
    server.signal("SIGTERM");
    await server.waitForLog(/Got SIGTERM/);
    // The worker hears of it a moment after the log.
    await until("an answer that closes", async () => {
      const { text, closes } = await client.request("/");
      assert.is(text, "ok\n");
      return closes;
    });
    client.close();
    assert.is((await server.ended).code, 0);
  },
);

stop(
  "kill -9 of the arbiter leaves nobody after three seconds",
  async ({ start, connect }) => {
    const server = await start({ app, args: ["-w", "2"] });
    const workers = server.workers();
    const idle = await connect(server.url);
    await idle.request("/");
    (await connect(server.url)).send("/slow?ms=60000");
    process.kill(server.pid, "SIGKILL");
    await until("the workers to leave", () => !workers.some(alive), 3000);
  },
);

stop("TERM stops it while a reload waits for its config", async (lab) => {
  lab.write("corn.config.mjs", "export default {};\n");
  const server = await lab.start({
    app: fixture("app.ts"),
    args: ["-w", "1"],
    cwd: lab.folder,
  });
  lab.write(
    "corn.config.mjs",
    "await new Promise((resolve) => setTimeout(resolve, 1e6));\nexport default {};\n",
  );
  server.signal("SIGHUP");
  await server.waitForLog(/The reload waits for config file/);
  const { code } = await server.stop("SIGTERM");
  assert.is(code, 0);
  assert.not.match(server.log(), /CRITICAL/);
});

stop.run();
