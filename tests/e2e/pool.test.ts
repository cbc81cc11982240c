import process from "node:process";
import * as assert from "../support/assert.ts";
import { get } from "../support/client/curl.ts";
import { runtimeName } from "../support/process/command.ts";
import {
  assertNothingLost,
  describeLoad,
  MIXED,
  underLoad,
} from "../support/load/load.ts";
import { countListeners } from "../support/machine/proc.ts";
import { fixture, promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";
import { everybody, who } from "../support/client/who.ts";

const pool = promises("pool");
const app = fixture("app.ts");

pool("TTIN and TTOU change the size, never below one", async ({ start }) => {
  const server = await start({ app, args: ["-w", "1"] });
  server.signal("SIGTTIN");
  await server.waitForLog(/Pool size is now 2/);
  await until("two workers", () => server.workers().length === 2);
  await server.waitForLog(/Worker 2 .*ready/);
  await everybody(server.url, 2);

  server.signal("SIGTTOU");
  await until("one worker", () => server.workers().length === 1);
  for (let count = 0; count < 2; count++) {
    const from = server.log().length;
    server.signal("SIGTTOU");
    await server.waitForLog(/Pool size is now 1/, { from });
  }
  assert.is(server.workers().length, 1);
  assert.is((await who(server.url)).slot, "1");
});

pool("a reload keeps the size that the config says", async ({ start }) => {
  const server = await start({ app, args: ["-w", "2"] });
  server.signal("SIGTTIN");
  await until("three workers", () => server.workers().length === 3);
  await server.waitForLog(/Worker 3 .*ready/);
  server.signal("SIGHUP");
  await server.waitForLog(/Reload done/);
  await until("two workers", () => server.workers().length === 2);
});

pool(
  "WINCH sends the workers away, HUP brings them back",
  async ({ start }) => {
    const server = await start({ app, args: ["-w", "2"] });
    assert.is(await get(server.url), "ok\n");
    server.signal("SIGWINCH");
    await server.waitForLog(/All workers drain; HUP brings them back/);
    await until("no worker", () => server.workers().length === 0);
    const held = /held by the arbiter/.test(server.log());
    assert.is(countListeners(server.port) > 0, held, "the address is kept");
    // Where the arbiter holds the address a request waits for the workers.
    const waiting = held ? get(server.url) : Promise.resolve("ok\n");
    server.signal("SIGHUP");
    await server.waitForLog(/Reload done/);
    assert.is(await waiting, "ok\n");
    assert.is(server.workers().length, 2);
    assert.is(await get(server.url), "ok\n");
  },
);

pool("USR1 does no harm, nor USR2 to a worker", async ({ start }) => {
  const server = await start({
    app,
    args: ["-w", "1", "--log-level", "debug"],
  });
  const [worker] = server.workers();
  const inspected = countListeners(9229);
  server.signal("SIGUSR1");
  await server.waitForLog(/Got SIGUSR1/);
  process.kill(worker as number, "SIGUSR1");
  process.kill(worker as number, "SIGUSR2");
  assert.is(await get(server.url), "ok\n");
  assert.equal(server.workers(), [worker]);
  await until(
    "no inspector to listen",
    () => countListeners(9229) <= inspected,
  );
});

pool(
  "a worker that is told TERM is replaced without a gap",
  async ({ start }) => {
    const server = await start({ app, args: ["-w", "1"] });
    const [before] = server.workers();
    process.kill(before as number, "SIGTERM");
    await server.waitForLog(/will be replaced after SIGTERM/);
    await server.waitForLog(/left in/);
    assert.not.ok(server.workers().includes(before as number));
    assert.is(await get(server.url), "ok\n");
  },
);

pool(
  "--max-requests replaces workers and fails no request",
  async ({ start }) => {
    const server = await start({
      app,
      args: ["-w", "2", "--max-requests", "100", "--max-requests-jitter", "20"],
    });
    const report = await underLoad(
      { ...MIXED, url: server.url },
      async () => {
        await server.waitForLog(
          /(will be replaced after 1[012]\d requests[^]*){6}/,
          { ms: 60_000 },
        );
      },
    );
    console.log(
      `\n# ${runtimeName}, workers replaced: ${describeLoad(report)}`,
    );
    assertNothingLost(report);
  },
);

pool("scaling up and down fails no request", async ({ start }) => {
  const server = await start({ app, args: ["-w", "2"] });
  const grow = async () => {
    const from = server.log().length;
    server.signal("SIGTTIN");
    await server.waitForLog(/ ready in /, { from });
  };
  const shrink = async (size: number) => {
    server.signal("SIGTTOU");
    await until(
      `${size} workers`,
      () => server.workers().length === size,
    );
  };
  const report = await underLoad(
    { ...MIXED, url: server.url },
    async (load) => {
      for (let count = 0; count < 2; count++) {
        await grow();
        await shrink(2);
        await shrink(1);
        await grow();
      }
      await load.more(200);
    },
  );
  console.log(`\n# ${runtimeName}, pool scaled: ${describeLoad(report)}`);
  assertNothingLost(report);
});

pool.run();
