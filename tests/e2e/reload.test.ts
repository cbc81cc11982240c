import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import * as assert from "../support/assert.ts";
import { RawClient, targetOf } from "../support/client/client.ts";
import type { Target } from "../support/client/client.ts";
import { get } from "../support/client/curl.ts";
import { runtimeName } from "../support/process/command.ts";
import {
  assertNothingLost,
  describeLoad,
  type LoadReport,
  underLoad,
} from "../support/load/load.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import type { Server } from "../support/process/server.ts";
import { PATIENCE_MS, sleep, until } from "../support/wait.ts";
import { everybody } from "../support/client/who.ts";

const reload = promises("reload");
const app = fixture("app.ts");

async function hup(server: Server): Promise<void> {
  const from = server.log().length;
  server.signal("SIGHUP");
  await server.waitForLog(/Reload done/, { from });
}

/** One whose code is written anew. */
const written = reload.share(async (lab) => {
  const code = (version: string) =>
    `export default { fetch: () => Response.json({ pid: process.pid, slot: process.env.CORN_WORKER_ID, version: "${version}" }) };\n`;
  const deploy = (text: string) => lab.write("app.ts", text);
  deploy(code("one"));
  const args = ["-w", "2"];
  const server = await lab.start({ app: "app.ts", args, cwd: lab.folder });
  return { server, code, deploy };
});

reload(
  "HUP loads new code, a worker's number is inherited by its successor",
  async () => {
    const { server, code, deploy } = await written();
    const before = server.workers();
    assert.match(await get(server.url), '"one"');
    const numbers = async () =>
      [...(await everybody(server.url, 2)).keys()].sort();
    const taken = await numbers();
    deploy(code("two"));
    await hup(server);
    await until(
      "the old workers to leave",
      () => server.workers().length === 2,
    );
    assert.match(await get(server.url), '"two"');
    assert.equal(await numbers(), taken);
    assert.not.ok(
      server.workers().some((pid) => before.includes(pid)),
    );
  },
);

reload(
  "code that hangs in its import does not hold up its repair",
  async () => {
    const { server, code, deploy } = await written();
    // A bare loop would take the processor from all else.
    const loop =
      "const never = new Int32Array(new SharedArrayBuffer(4)); for (;;) Atomics.wait(never, 0, 0, 5);";
    for (const hang of ["await new Promise(() => {});", loop]) {
      deploy(code("one"));
      await hup(server);
      await until("two workers", () => server.workers().length === 2);
      const from = server.log().length;
      deploy(`${hang}\n${code("hung")}`);
      server.signal("SIGHUP");
      await server.waitForLog(/Reload begins/, { from });
      assert.match(await get(server.url), '"one"');
      await until("a worker that hangs", () => server.workers().length === 3);
      deploy(code("two"));
      server.signal("SIGHUP");
      await server.waitForLog(/makes way for another/, { from });
      await server.waitForLog(/Reload done/, { from });
      assert.match(await get(server.url), '"two"');
      await until("all others to leave", () => server.workers().length === 2);
    }
  },
);

/** Over a TCP and a unix socket. */
async function startBoth(lab: Lab, ...flags: string[]) {
  const path = join(lab.folder, "app.sock");
  const server = await lab.start({
    app,
    args: ["-w", "2", "-b", "127.0.0.1:0", "-b", `unix:${path}`, ...flags],
    addresses: 2,
  });
  return { server, path };
}

/** One that several tests reload. */
const both = reload.share((lab) => startBoth(lab));

for (const queues of ["several", "one"]) {
  reload(
    `once it is done no connection meets an old worker, with ${queues} accept queues`,
    async (lab) => {
      const { server, path } = await (queues === "several"
        ? both()
        : startBoth(lab, "--no-reuse-port"));
      const targets = [targetOf(server.url), { path }];
      let floods = true;
      // The old workers are about to accept at any time.
      const flood = targets.map(async (target) => {
        while (floods) {
          (await RawClient.connect(target, PATIENCE_MS)).close();
          await sleep(2);
        }
      });
      for (let round = 0; round < 3; round++) {
        const before = server.workers();
        const from = server.log().length;
        await hup(server);
        // It did not have the processor for so long.
        if (/has not said/.test(server.log().slice(from))) {
          continue;
        }
        for (let count = 0; count < 20; count++) {
          const target = targets[count % 2] as Target;
          const client = await RawClient.connect(target, PATIENCE_MS);
          const { text } = await client.request("/who", { ms: PATIENCE_MS });
          client.close();
          assert.not.ok(
            before.includes(JSON.parse(text).pid),
            `${text} after ${count}`,
          );
        }
      }
      floods = false;
      await Promise.all(flood);
    },
  );
}

/** Each is one over both sockets; `scripts/torture.ts` has more of them. */
const RELOADS = process.env.TEST_HTTP === "wire" ? 5 : 7;

/** Clients over each of two sockets: together as many as `MIXED` has. */
const HALF = { keepAlive: 4, single: 2, streams: 1, posts: 2 } as const;

reload(
  `${RELOADS} reloads fail no request, over TCP and over a unix socket, and leave nothing behind`,
  async () => {
    const { server, path } = await both();
    // The second generation is as the first but for what the runtime itself opens once.
    await hup(server);
    await until("two workers", () => server.workers().length === 2);
    const before = server.descriptors();
    const reports: LoadReport[] = [];
    reports.push(
      await underLoad({ ...HALF, url: server.url }, async (tcp) => {
        reports.push(
          await underLoad({ ...HALF, url: { path } }, async (unix) => {
            for (let count = 0; count < RELOADS; count++) await hup(server);
            await Promise.all([tcp.more(200), unix.more(200)]);
          }),
        );
      }),
    );
    for (const [index, report] of reports.entries()) {
      const over = ["a unix socket", "TCP"][index];
      console.log(
        `\n# ${runtimeName}, ${RELOADS} reloads, ${over}: ${
          describeLoad(report)
        }`,
      );
      assertNothingLost(report);
    }
    assert.is(reports.length, 2);
    await until("two workers", () => server.workers().length === 2);
    await until(
      `${before} descriptors`,
      () => server.descriptors() <= before,
    );
  },
);

reload("reloads in a reload end in one more", async () => {
  const { server } = await both();
  const serving = /^[^]*generation (\d+) serves/.exec(server.log())?.[1] ?? 1;
  const generation = (more: number) =>
    new RegExp(`generation ${Number(serving) + more}\\b`);
  // One worker boots at a time: after the first of the two there is time to ask.
  const from = server.log().length;
  server.signal("SIGHUP");
  await server.waitForLog(/ready in/, { from });
  for (let count = 0; count < 3; count++) server.signal("SIGHUP");
  await server.waitForLog(/another follows/, { from });
  const last = new RegExp(`${generation(2).source} serves`);
  await server.waitForLog(last, { from });
  await until("the old workers to leave", () => server.workers().length === 2);
  assert.not.match(server.log(), generation(3));
});

/** One whose config is written anew; at first it is a function that notes its calls. */
const configured = reload.share(async (lab) => {
  const runs = lab.write("runs", "");
  const configure = (text: string) => lab.write("corn.config.ts", text);
  lab.write(
    "app.ts",
    `export default { fetch: () => new Response("ok") };\n`,
  );
  configure(`import { appendFileSync } from "node:fs";
export default () => {
  appendFileSync(${JSON.stringify(runs)}, "ran\\n");
  return { app: "./app.ts", bind: ["127.0.0.1:0"], workers: 1, keepAlive: 1 };
};
`);
  const server = await lab.start({ cwd: lab.folder, defaults: false });
  return { server, configure, ran: () => readFileSync(runs, "utf8") };
});

reload(
  "a config that is a function runs once at a start and once at a reload",
  async () => {
    const { server, ran } = await configured();
    assert.is(ran(), "ran\n");
    await hup(server);
    assert.is(ran(), "ran\nran\n");
  },
);

reload(
  "HUP reads corn.config.ts anew, a bad one changes nothing",
  async () => {
    const { server, configure } = await configured();
    const config = (workers: string) =>
      `export default { app: "./app.ts", bind: ["127.0.0.1:0"], workers: ${workers}, keepAlive: 1 };\n`;
    await until("one worker", () => server.workers().length === 1);
    configure(config("2"));
    await hup(server);
    await until("two workers", () => server.workers().length === 2);

    const before = server.workers();
    for (const bad of ["0", '"many"', "2, wrokers: 3", "}"]) {
      const from = server.log().length;
      configure(config(bad));
      server.signal("SIGHUP");
      await server.waitForLog(/Reload refused, nothing changes: .*/, { from });
      assert.equal(server.workers(), before);
    }
    assert.is(await get(server.url), "ok");
    configure(config("1"));
    await hup(server);
    await until("one worker", () => server.workers().length === 1);
  },
);

reload.run();
