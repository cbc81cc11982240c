import process from "node:process";
import * as assert from "../support/assert.ts";
import { curl, get } from "../support/client/curl.ts";
import { runtimeName } from "../support/process/command.ts";
import { killWorker, wasInHand } from "../support/process/in-hand.ts";
import type { Death } from "../support/process/in-hand.ts";
import { describeLoad, MIXED, underLoad } from "../support/load/load.ts";
import { fixture, promises } from "../support/promise.ts";
import type { HttpEngine } from "../../src/runtime/runtime.ts";
import type { Server } from "../support/process/server.ts";
import { until } from "../support/wait.ts";
import { everybody, who } from "../support/client/who.ts";

const crash = promises("crash");
const app = fixture("app.ts");

/** Waits until the log tells of a death, and then of a successor. */
async function waitForSuccessor(
  server: Server,
  death: RegExp,
  from: number,
): Promise<void> {
  const { index } = await server.waitForLog(death, { from });
  await server.waitForLog(/ready in/, { from: from + index });
}

crash("a crashed worker is replaced in its slot", async ({ start }) => {
  const server = await start({ app, args: ["-w", "2"] });
  const before = await everybody(server.url, 2);

  await get(`${server.url}/exit/7`);
  await waitForSuccessor(server, /Worker \d .*exited with code 7/, 0);

  // Deno 2.9.6 lives on when somebody sends it a SIGSEGV.
  const fault = runtimeName === "deno" ? "SIGILL" : "SIGSEGV";
  for (const signal of ["SIGKILL", fault] as const) {
    const from = server.log().length;
    const { pid, slot } = await who(server.url);
    process.kill(pid, signal);
    await waitForSuccessor(
      server,
      new RegExp(`Worker ${slot} \\(pid ${pid}\\) was killed by ${signal}`),
      from,
    );
  }
  const after = await everybody(server.url, 2);
  assert.equal([...after.keys()].sort(), [...before.keys()].sort());
  assert.is(server.workers().length, 2);
});

crash("a killed worker fails only what it had in hand", async ({ start }) => {
  const server = await start({ app, args: ["-w", "2"] });
  const deaths: Death[] = [];
  const report = await underLoad(
    { ...MIXED, url: server.url },
    async (load) => {
      for (let count = 0; count < 3; count++) {
        await load.more(200);
        const from = server.log().length;
        const [pid] = server.workers();
        deaths.push(await killWorker(pid as number));
        await server.waitForLog(/ ready in /, { from });
      }
      await load.more(200);
    },
  );
  const lost = report.failed.filter((one) => !wasInHand(one, deaths));
  const held = deaths.reduce((sum, { ports }) => sum + ports.size, 0);
  console.log(
    `\n# ${runtimeName}, three workers killed with ${held} connections in hand: ${
      describeLoad(report)
    }`,
  );
  assert.equal(lost, [], `seed ${report.seed}`);
  assert.ok(held > 0 && report.failed.length <= held);
});

crash(
  "workers that die again and again come back ever later",
  async ({ start }) => {
    const server = await start({ app, args: ["-w", "1"] });
    const waits: number[] = [];
    while (waits.length < 3) {
      const from = server.log().length;
      const [pid] = server.workers();
      process.kill(pid as number, "SIGKILL");
      const [, wait] = await server.waitForLog(
        /was killed by SIGKILL[^\n]*?(?:; the next one starts in ([\d.]+) s)?\n/,
        { from },
      );
      waits.push(Number(wait ?? 0));
      await server.waitForLog(/ready in/, { from });
    }
    assert.is(waits[0], 0, "the first death is answered at once");
    for (const [index, wait] of waits.entries()) {
      if (index === 0) continue;
      const base = 0.25 * 2 ** (index - 1);
      // The log has one decimal.
      assert.ok(
        wait >= base * 0.75 - 0.05 && wait <= base * 1.25 + 0.05,
        `${waits}`,
      );
    }
  },
);

const ENGINES: readonly HttpEngine[] = ["native", "wire"];

for (const http of ENGINES) {
  crash(
    `the request that blocks a worker is named, and no other (${http})`,
    async ({ write, start }) => {
      const app = write(
        "block.ts",
        `let waiting = 0;
        const never = new Int32Array(new SharedArrayBuffer(4));
        // A bare loop would take the processor from all else.
        function block() { for (;;) Atomics.wait(never, 0, 0, 5); }
        export default { fetch(request) {
          const { pathname } = new URL(request.url);
          if (pathname === "/waiting") return new Response(String(waiting));
          if (pathname === "/block") block();
          if (pathname === "/wait") {
            waiting++;
            return new Promise(() => {});
          }
          if (pathname === "/later") {
            return new Promise((resolve) => setTimeout(resolve, 100))
              .then(block);
          }
          return new Response("ok");
        } };`,
      );
      const args = ["-w", "1", "--timeout", "1", "--http", http];
      const server = await start({ app, args });

      // Steady traffic until the moment before.
      for (let count = 0; count < 50; count++) {
        await get(`${server.url}/innocent/${count}`);
      }
      const waiting = curl(`${server.url}/wait?secret=1`);
      // What comes after the block would wait for the next worker.
      await until(
        "a request that waits",
        async () => await get(`${server.url}/waiting`) === "1",
      );
      const from = server.log().length;
      const stuck = curl(`${server.url}/block?secret=1`);
      await server.waitForLog(
        /silent for \d\.\d s: its event loop is blocked by GET \/block for \d\.\d s, killing it; also open: GET \/wait for \d\.\d s(; it.*)?\n/,
      );
      await Promise.all([waiting, stuck]);

      // Blocked by what follows an await, it says what is open, and that is all of it; where its stack is known, which one it is.
      await server.waitForLog(/ready in/, { from });
      const later = curl(`${server.url}/later`);
      await server.waitForLog(
        /is blocked(, killing it; open: GET \/later for \d\.\d s| by GET \/later for \d\.\d s, killing it)(; it.*)?\n/,
        { from },
      );
      await later;
      assert.not.match(server.log(), "secret");
      assert.not.match(server.log(), "innocent");
    },
  );
}

crash(
  "a worker in an endless loop is killed and named with its request",
  async ({ start }) => {
    const server = await start({ app, args: ["-w", "2", "--timeout", "1"] });
    const stuck = curl(`${server.url}/spin?secret=1`);
    const [, pid] = await server.waitForLog(
      /\[CRITICAL\] Worker \d \(pid (\d+)\) silent for 1\.\d s: its event loop is blocked by GET \/spin for 1\.\d s, killing it(?:; it.*)?\n/,
    );
    assert.not.match(server.log(), "secret", "a query is nobody's business");
    await until("a successor", () => {
      const workers = server.workers();
      return workers.length === 2 && !workers.includes(Number(pid));
    });
    await server.waitForLog(/ready in/, {
      from: server.log().indexOf("silent"),
    });
    assert.is.not((await stuck).exit, 0);
    assert.is(await get(server.url), "ok\n");
  },
);

crash(
  "an uncaught error costs no request and replaces the worker",
  async ({ start, connect }) => {
    const server = await start({ app, args: ["-w", "1"] });
    const [pid] = server.workers();
    const slow = await connect(server.url);
    slow.send("/slow?ms=700");
    await until("the slow request to be open", async () => {
      const { text } = await (await connect(server.url)).request("/uncaught");
      return text === "soon\n";
    });
    await server.waitForLog(
      /\[ERROR\] Uncaught error\n.*uncaught in the app[^]*app\.ts:\d+/,
    );
    await server.waitForLog(/will be replaced after an uncaught error/);
    await server.waitForLog(/ready in/, {
      from: server.log().indexOf("Uncaught"),
    });
    assert.is((await slow.answer()).text, "slow\n");
    await server.waitForLog(new RegExp(`pid ${pid}\\) left in`));
    assert.is(await get(server.url), "ok\n");
  },
);

crash(
  "a request that fails is answered with 500 and logged",
  async ({ start }) => {
    const server = await start({ app, args: ["-w", "1"] });
    for (
      const [path, text] of [["throw", "thrown by the app"], [
        "nothing",
        "App returned undefined",
      ]]
    ) {
      const { status, body } = await curl(`${server.url}/${path}?secret=1`);
      assert.is(status, 500);
      assert.is(body, "Internal Server Error\n");
      await server.waitForLog(
        new RegExp(`\\[ERROR\\] GET /${path} failed\\n.*${text}`),
      );
    }
    assert.match(server.log(), /app\.ts:\d+/, "the app's own stack");
    assert.is(server.workers().length, 1);
    await server.stop("SIGINT");

    const open = await start({
      app,
      args: ["-w", "1"],
      env: { NODE_ENV: "development" },
    });
    const { status, body } = await curl(`${open.url}/throw`);
    assert.is(status, 500);
    assert.match(body, /thrown by the app[^]*app\.ts:\d+/);
  },
);

crash.run();
