/** Workers with one request in hand. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as assert from "../support/assert.ts";
import { get } from "../support/client/curl.ts";
import { SocketClient } from "../support/client/web-socket.ts";
import { runtimeName } from "../support/process/command.ts";
import {
  assertNothingLost,
  describeLoad,
  underLoad,
} from "../support/load/load.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import { until } from "../support/wait.ts";

const sync = promises("--worker-class sync");
const app = fixture("app.ts");

/** Answers with its slot, and /slow only once the file "go" is there. */
const GATED = `import { existsSync, writeFileSync } from "node:fs";
const slot = process.env.CORN_WORKER_ID;
export default {
  async fetch({ url }) {
    if (url.endsWith("/slow")) {
      writeFileSync("begun", slot);
      while (!existsSync("go")) await new Promise((run) => setTimeout(run, 20));
    }
    return new Response(slot);
  },
};
`;

async function startGated(lab: Lab, workers: number) {
  lab.write("app.ts", GATED);
  const begun = join(lab.folder, "begun");
  lab.forgive(begun);
  const server = await lab.start({
    app: "app.ts",
    args: ["-w", String(workers), "-k", "sync", "--log-level", "debug"],
    cwd: lab.folder,
  });
  const slow = await lab.connect(server.url);
  slow.send("/slow");
  await until("a request in hand", () => existsSync(begun));
  return { server, slow, go: () => lab.write("go", "") };
}

sync("an idle sibling takes what a busy worker does not", async (lab) => {
  const { server, slow, go } = await startGated(lab, 2);
  const answers: string[] = [];
  for (let count = 0; count < 8; count++) answers.push(await get(server.url));
  go();
  const busy = (await slow.answer()).text;
  assert.equal(answers, Array(8).fill(busy === "1" ? "2" : "1"));
});

sync("what waits in the queue at TERM is answered", async (lab) => {
  const { server, slow, go } = await startGated(lab, 1);
  const waiting = [];
  for (let count = 0; count < 6; count++) {
    const client = await lab.connect(server.url);
    client.send("/");
    waiting.push(client);
  }
  server.signal("SIGTERM");
  await server.waitForLog(/Got SIGTERM/);
  go();
  for (const client of [slow, ...waiting]) {
    assert.is((await client.answer()).text, "1");
    client.close();
  }
  assert.is((await server.ended).code, 0);
});

sync("reloads, recycling and scaling lose nothing", async ({ start }) => {
  const server = await start({
    app,
    args: ["-w", "2", "-k", "sync", "--max-requests", "60"],
  });
  const tell = async (signal: NodeJS.Signals, line: RegExp) => {
    const from = server.log().length;
    server.signal(signal);
    await server.waitForLog(line, { from });
  };
  const load = {
    url: server.url,
    keepAlive: 4,
    single: 4,
    streams: 1,
    posts: 1,
  };
  const report = await underLoad(load, async (load) => {
    await tell("SIGTTIN", /Worker 3 .* ready in /);
    await tell("SIGHUP", /Reload done/);
    await tell("SIGTTOU", /Pool size is now/);
    await server.waitForLog(/(will be replaced after \d+ requests[^]*){2}/, {
      ms: 60_000,
    });
    await load.more(50, 60_000);
  });
  console.log(`\n# ${runtimeName}, sync: ${describeLoad(report)}`);
  assertNothingLost(report);
});

sync("an open WebSocket leaves its worker to others", async ({ start }) => {
  const server = await start({
    app: fixture("sockets.ts"),
    args: ["-w", "1", "-k", "sync"],
  });
  const client = await SocketClient.open(`${server.url}/ws`);
  assert.is(await client.ask("hello"), "hello");
  assert.is(await get(`${server.url}/a`), "page /a\n");
  assert.is(await client.ask("again"), "again");
  client.socket.close();
});

sync("a Node listener is served where it can be", async (lab) => {
  const args = ["-w", "1", "-k", "sync"];
  const listener = fixture("listener.ts");
  if (runtimeName === "node") {
    const server = await lab.start({ app: listener, args });
    assert.match(await get(`${server.url}/load/x`), /^x corn/);
    return;
  }
  const command = lab.run({ app: listener, args });
  assert.is((await command.ended).code, 4, command.log());
  assert.match(command.log(), /by sync workers: it is a Node listener/);
});

sync.run();
