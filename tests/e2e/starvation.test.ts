import { join } from "node:path";
import process from "node:process";
import * as assert from "../support/assert.ts";
import {
  type RawClient,
  type Target,
  targetOf,
} from "../support/client/client.ts";
import { runtimeName } from "../support/process/command.ts";
import { startFlood } from "../support/load/flood.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import type { Server } from "../support/process/server.ts";
import { waitedFor } from "../support/machine/proc.ts";
import { sleep, until } from "../support/wait.ts";

const busy = promises("a worker under a flow of new connections");
const app = fixture("turns.ts");

/** How late a timer, a signal or a message may be. */
const LATE_MS = 250;
/** A neighbour may hold up one try, not all. */
const TRIES = 4;
const CLIENTS = 16;

/** Runs tries until one is as good as promised, and gives the best. */
async function best(attempt: () => Promise<number>): Promise<number> {
  let least = Infinity;
  for (let count = 0; count < TRIES && least > LATE_MS; count++) {
    least = Math.min(least, await attempt());
  }
  return least;
}

/** Keeps a server busy while `body` runs. */
async function flooded(
  targets: readonly Target[],
  ms: number,
  body: () => Promise<void>,
): Promise<void> {
  const flood = await startFlood({
    targets,
    path: `/spin/${ms}`,
    clients: CLIENTS,
  });
  try {
    await body();
  } finally {
    await flood.stop();
  }
}

/**
 * The milliseconds from now until the worker says that it got something,
 * without those that it and the arbiter had to wait for a processor.
 */
async function lateness(
  server: Server,
  { worker, what, cause }: {
    worker: number;
    what: string;
    cause: () => void;
  },
): Promise<number> {
  const from = server.log().length;
  const before = waitedFor(worker) + waitedFor(server.pid);
  const sent = Date.now();
  cause();
  const said = new RegExp(`${worker} got ${what} at (\\d+), (\\S+) waited`);
  const [, at, waited] = await server.waitForLog(said, { from, ms: 8000 });
  const arbiterWaited = server.ending() ? 0 : waitedFor(server.pid);
  return Number(at) - sent -
    Math.max(0, Number(waited) + arbiterWaited - before);
}

/** The longest time that the worker's loop stood still, in a window. */
async function standstill(client: RawClient): Promise<number> {
  await client.request("/longest");
  await sleep(1000);
  return Number((await client.request("/longest")).text);
}

/** Where a server can be flooded. */
const BINDS: Record<string, (lab: Lab) => string[]> = {
  "one TCP address": () => ["127.0.0.1:0"],
  "a unix socket": ({ folder }) => [`unix:${join(folder, "corn.sock")}`],
  "two TCP addresses and a unix socket": ({ folder }) => [
    "127.0.0.1:0",
    "[::1]:0",
    `unix:${join(folder, "corn.sock")}`,
  ],
};

async function targetsOf(
  server: Server,
  binds: readonly string[],
): Promise<Target[]> {
  const targets: Target[] = [];
  for (const bind of binds) {
    const unix = bind.startsWith("unix:");
    const host = bind.replace(/:0$/, "").replace(/[[\]]/g, "\\$&");
    const line = unix ? bind : `http://${host}:\\d+`;
    const [, found = ""] = await server.waitForLog(
      new RegExp(`Listening at (${line})`),
    );
    targets.push(
      unix ? { path: bind.slice("unix:".length) } : targetOf(found),
    );
  }
  return targets;
}

for (const [name, bindsOf] of Object.entries(BINDS)) {
  const served = busy.share(async (lab) => {
    const binds = bindsOf(lab);
    const args = [
      // The client's connection is idle for a second.
      ...["-w", "1", "--keep-alive", "10"],
      ...binds.flatMap((bind) => ["-b", bind]),
    ];
    return await targetsOf(await lab.start({ app, args }), binds);
  });
  for (const ms of [2, 0]) {
    busy(`its timers are in time, ${ms} ms a request, ${name}`, async (lab) => {
      const targets = await served();
      await flooded(targets, ms, async () => {
        const client = await lab.connect(targets[0] as Target);
        const gap = await best(() => standstill(client));
        const stood = `stood still for at most ${gap.toFixed()} ms`;
        console.log(`\n# ${runtimeName}, ${name}, ${ms} ms: ${stood}`);
        assert.ok(gap <= LATE_MS, stood);
      });
    });
  }
}

for (const ms of [2, 0]) {
  busy(`it hears signals in time, ${ms} ms a request`, async ({ start }) => {
    const server = await start({ app, args: ["-w", "1"] });
    await flooded([targetOf(server.url)], ms, async () => {
      const late = await best(async () => {
        const [worker] = server.workers() as [number];
        const from = server.log().length;
        const late = await lateness(server, {
          worker,
          what: "SIGUSR2",
          cause() {
            process.kill(worker, "SIGUSR2");
            // The next try is another's.
            process.kill(worker, "SIGTERM");
          },
        });
        await server.waitForLog(/pid \d+\) left in/, { from });
        return late;
      });
      assert.ok(late <= LATE_MS, `${late.toFixed()} ms`);
    });
  });

  busy(
    `it hears its arbiter in time, ${ms} ms a request`,
    async ({ start }) => {
      const late = await best(async () => {
        const server = await start({
          app,
          args: ["-w", "2", "--log-level", "debug"],
        });
        let drained = 0;
        await flooded([targetOf(server.url)], ms, async () => {
          const [worker] = server.workers() as [number];
          drained = await lateness(server, {
            worker,
            what: "drain",
            cause: () => server.signal("SIGTERM"),
          });
          assert.is((await server.stop("SIGTERM")).code, 0);
        });
        console.log(
          `\n# ${runtimeName}, ${ms} ms: drain ${drained.toFixed()} ms late`,
        );
        return drained;
      });
      assert.ok(late <= LATE_MS, `${late.toFixed()} ms`);
    },
  );
}

// What is answered late makes Bun lose the next one of such a connection (1.4.5, BUN-PIPELINED).
busy("two requests in one piece are answered after a rest", async (lab) => {
  const server = await lab.start({ app, args: ["-w", "1"] });
  const client = await lab.connect(server.url);
  let text = "";
  client.socket.on("data", (piece) => text += String(piece));
  for (let count = 1; count <= 5; count++) {
    // Longer than the loop of a busy server may stand still.
    await sleep(150);
    client.socket.write("GET /spin/0 HTTP/1.1\r\nHost: a\r\n\r\n".repeat(2));
    await until(
      `${2 * count} answers`,
      () => text.split("done\n").length === 2 * count + 1,
      5000,
    );
  }
});

busy.run();
