/** Clients that leave in the middle of an answer take nothing with them. */
import process from "node:process";
import * as assert from "../support/assert.ts";
import { runtimeName } from "../support/process/command.ts";
import { reset } from "../support/client/client.ts";
import { leave, startLeavers } from "../support/load/leave.ts";
import { closeWaits, countDescriptors } from "../support/machine/proc.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import { sleep, until } from "../support/wait.ts";

const leavers = promises("clients that leave");
const app = fixture("leavers.ts");
const COUNT = 20;
const wire = process.env.TEST_HTTP === "wire" ||
  (runtimeName === "node" && process.env.TEST_HTTP !== "native");

interface Seen {
  readonly begun: number;
  readonly cancelled: number;
  readonly aborted: number;
  readonly reasons: readonly string[];
}

async function seenBy(url: string): Promise<Seen> {
  const answer = await fetch(new URL("/seen", url), {
    headers: { connection: "close" },
  });
  return await answer.json() as Seen;
}

/** Asks for something small. */
async function shown(url: string): Promise<void> {
  await (await fetch(new URL("/seen", url))).text();
}

function start({ start }: Pick<Lab, "start">, ...args: string[]) {
  return start({ app, args: ["-w", "1", "-t", "6", ...args] });
}

/** One that all of them leave, and its worker's descriptors before anybody came. */
const shared = leavers.share(async (lab) => {
  const server = await start(lab);
  const [worker] = server.workers() as [number];
  await seenBy(server.url);
  return { server, before: countDescriptors(worker) };
});

/** The same, its worker of now, and what is logged from now on. */
async function left() {
  const { server, before } = await shared();
  const [worker] = server.workers() as [number];
  const from = server.log().length;
  return { server, before, worker, log: () => server.log().slice(from) };
}

for (const how of ["fin", "reset"] as const) {
  leavers(
    `an idle stream left by ${how} is cancelled and closed`,
    async () => {
      const { server, worker, before, log } = await left();
      const from = await seenBy(server.url);
      await leave({ url: server.url, path: "/idle?signal", count: COUNT, how });
      await until("the end of the streams", async () => {
        const { cancelled, aborted } = await seenBy(server.url);
        return cancelled - from.cancelled === COUNT &&
          aborted - from.aborted === COUNT;
      });
      const { reasons } = await seenBy(server.url);
      assert.equal(new Set(reasons), new Set(["AbortError"]));
      await until("no CLOSE_WAIT", () => closeWaits(server.port) === 0);
      await until(
        "the end of the connections",
        () => countDescriptors(worker) <= before + 1,
      );
      assert.not.match(log(), /\[ERROR\]/);
    },
  );

  for (const path of how === "fin" ? ["/endless"] : ["/endless", "/drops"]) {
    leavers(`${path} left by ${how} does not hold the worker`, async (lab) => {
      const { server, worker, log } = await left();
      const from = await seenBy(server.url);
      await leave({ url: server.url, path, count: COUNT, how });
      const good = await lab.connect(server.url);
      assert.is((await good.request("/")).status, 200);
      await until("the end of the streams", async () => {
        const { begun, cancelled } = await seenBy(server.url);
        return cancelled - from.cancelled === begun - from.begun;
      });
      assert.equal(server.workers(), [worker]);
      assert.not.match(log(), /\[ERROR\]/);
    });
  }
}

leavers(
  "a reader of an endless stream leaves others their turn",
  async (lab) => {
    for (const path of ["/endless", "/drops"]) {
      const { server } = await left();
      const reader = startLeavers({
        url: server.url,
        path,
        count: 1,
        how: "stay",
      });
      try {
        await reader.gone;
        const good = await lab.connect(server.url);
        const times: number[] = [];
        for (let count = 0; count < 60; count++) {
          const from = performance.now();
          assert.is((await good.request("/")).status, 200);
          times.push(performance.now() - from);
          await sleep(5);
        }
        times.sort((one, other) => one - other);
        console.log(
          `\n# ${process.version} ${path}: p50 ${
            times[30]!.toFixed(1)
          } ms, worst ${times[59]!.toFixed(1)} ms`,
        );
        good.close();
      } finally {
        await reader.end();
      }
    }
  },
);

const rude = {
  "/rejects": { early: true },
  "/waits": { early: true },
  "/floats": {},
  "/breaks": {},
  "/pushed": {},
  "/body": { early: true, body: 1000 },
  "/body-floats": { body: 1000 },
};

for (const how of ["fin", "reset"] as const) {
  leavers(
    `what they end in the app is no error of its, by ${how}`,
    async () => {
      const { server, worker, log } = await left();
      await shown(server.url);
      await leave(
        ...Object.entries(rude).map(([path, more]) => (
          { url: server.url, path, count: 5, how, ...more }
        )),
      );
      await sleep(1500);
      await shown(server.url);
      assert.not.match(log(), /\[ERROR\]|failed|Error/);
      assert.equal(server.workers(), [worker]);
    },
  );
}

leavers("what they end in a Node listener is no error either", async (lab) => {
  const server = await lab.start({
    app: fixture("leaver-listener.ts"),
    args: ["-w", "1", "--http", "native"],
  });
  const [worker] = server.workers() as [number];
  for (const how of ["fin", "reset"] as const) {
    const { url } = server;
    await leave(
      ...["/body", "/body-floats"].map((path) => (
        { url, path, count: 5, how, early: true, body: 1000 }
      )),
      ...["/pipeline", "/pump", "/signal"].map((path) => (
        { url, path, count: 5, how }
      )),
    );
  }
  await sleep(500);
  const { reasons } = await seenBy(server.url);
  // Requests of Deno's node:http have no signal (2.9.5).
  const names = runtimeName === "deno" ? [] : ["AbortError"];
  assert.equal([...new Set(reasons)], names);
  assert.not.match(server.log(), /\[ERROR\]|failed|Error/);
  assert.equal(server.workers(), [worker]);

  // Requests that were sent one behind the other are over, too.
  const client = await lab.connect(server.url);
  client.write("GET /hang HTTP/1.1\r\nHost: a\r\n\r\n".repeat(20));
  await sleep(500);
  reset(client.socket);
  const from = performance.now();
  await server.stop("SIGTERM", 40_000);
  assert.ok(performance.now() - from < 15_000);
});

leavers("a flood of one error is summed up", async (lab) => {
  if (!wire) return lab.skip("every engine has the same");
  const { server, log } = await left();
  const client = await lab.connect(server.url);
  for (let count = 0; count < 50; count++) {
    assert.is((await client.request(`/throws?${count}`)).status, 500);
  }
  const lines = () => log().match(/\[ERROR\].* failed/g)?.length ?? 0;
  await until("the first lines", () => lines() >= 5);
  assert.is(lines(), 5);
});

leavers(
  "TERM does not wait for a stream whose client has left",
  async (lab) => {
    const server = await start(lab, "--graceful-timeout", "30");
    await leave({ url: server.url, path: "/idle", count: COUNT, how: "fin" });
    const from = performance.now();
    await server.stop("SIGTERM", 20_000);
    assert.ok(performance.now() - from < 15_000);
  },
);

leavers(
  "a client that has said all reads its answer, and a stream that flows",
  async (lab) => {
    if (!wire) return lab.skip("the runtime's own server cancels at once");
    const { server } = await left();
    const late = await lab.connect(server.url);
    late.socket.allowHalfOpen = true;
    late.socket.end("GET /later?ms=1800 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert.is((await late.answer()).text, "late\n");
    const stream = await lab.connect(server.url);
    stream.socket.allowHalfOpen = true;
    stream.socket.end("GET /events?count=8&ms=400 HTTP/1.1\r\nHost: a\r\n\r\n");
    const { text } = await stream.answer({ ms: 15_000 });
    assert.is(text, "data: hi\n\n".repeat(8));
  },
);

leavers.run();
