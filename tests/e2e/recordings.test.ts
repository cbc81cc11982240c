import { readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import * as assert from "../support/assert.ts";
import { ControlClient } from "../support/client/control.ts";
import { curl, get } from "../support/client/curl.ts";
import { runtimeName } from "../support/process/command.ts";
import { type Lab, promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";

const recordings = promises("recordings of a worker");

const APP = `
function spin(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
export default { async fetch(request) {
  const { searchParams } = new URL(request.url);
  spin(Number(searchParams.get("ms")));
  const after = Number(searchParams.get("after"));
  if (after > 0) await new Promise((run) => setTimeout(run, after));
  return new Response("done");
} };
`;

async function start(lab: Lab, ...args: string[]) {
  lab.write("app.mjs", APP);
  const path = join(lab.folder, "control.sock");
  const server = await lab.start({
    app: "app.mjs",
    cwd: lab.folder,
    args: ["-w", "1", "--control", path, ...args],
  });
  return { server, client: new ControlClient(path) };
}

/** Reads a file that was written, and takes it away with its folder. */
function take(path: string) {
  const mode = statSync(path).mode & 0o777;
  const folder = statSync(dirname(path)).mode & 0o777;
  assert.equal([mode, folder], [0o600, 0o700]);
  const value = JSON.parse(readFileSync(path, "utf8"));
  rmSync(dirname(path), { recursive: true });
  return value;
}

recordings("a profile and a heap snapshot of a worker", async (lab) => {
  const { server, client } = await start(lab, "--timeout", "5");
  const [pid] = server.workers();
  let over = false;
  const recording = client.order("/v1/workers/1/profile", { seconds: 1.5 })
    .finally(() => over = true);
  while (!over) await get(`${server.url}/?ms=50`);
  const profile = await recording;
  assert.is(profile.state, "done", profile.message);
  assert.match(profile.message, /worker\.cpuprofile$/);
  const { nodes } = take(profile.message);
  const names = nodes.map((node: { callFrame: { functionName: string } }) =>
    node.callFrame.functionName
  );
  assert.ok(names.includes("spin"), names.join());

  const heap = await client.order("/v1/workers/1/heap");
  assert.is(heap.state, "done", heap.message);
  assert.match(heap.message, /worker\.heapsnapshot$/);
  const { snapshot } = take(heap.message);
  assert.ok(snapshot !== undefined);
  assert.equal(server.workers(), [pid]);
  assert.is(await get(server.url), "done");

  // Another one serves before, and what is open is answered.
  const open = curl(`${server.url}/?after=1500`);
  await until(
    "the request",
    async () => (await client.get("Worker", "/v1/workers/1")).open > 0,
  );
  const last = await client.order("/v1/workers/1/heap", { drain: true });
  assert.is(last.state, "done", last.message);
  assert.is((await open).status, 200);
  assert.ok(take(last.message).snapshot !== undefined);
  await server.waitForLog(new RegExp(`pid ${pid}\\) left in`));
  assert.is(server.workers().length, 1);

  // A replacement that fails to boot ends the recording at once, so that the next one may begin.
  lab.write("app.mjs", 'throw new TypeError("no database");');
  for (let times = 0; times < 2; times++) {
    const began = performance.now();
    const none = await client.order("/v1/workers/1/heap", { drain: true });
    assert.match(none.message, /: nothing is recorded, the old worker serves/);
    assert.match(none.failure?.stack ?? "", /no database/);
    assert.ok(performance.now() - began < 60_000);
  }
  assert.is(await get(server.url), "done");
});

recordings(
  "where a worker is blocked is told when it is asked",
  async (lab) => {
    const { server, client } = await start(lab, "--block-stack", "on");
    const rest = await client.order("/v1/workers/1/stack");
    assert.is(rest.message, "Worker 1 is not blocked");
    const stuck = curl(`${server.url}/report?ms=60000`);
    const path = "/v1/workers/1/stack";
    let found = rest;
    const end = performance.now() + 40_000;
    while (performance.now() < end) {
      found = await client.order(path);
      const told = runtimeName === "bun" ? "by GET" : ": spin";
      if (found.message.includes(told)) break;
    }
    assert.match(
      found.message,
      runtimeName === "bun"
        ? /^Worker 1 \(pid \d+\) is blocked for \d+\.\d s by GET \/report; its stack is not known on Bun$/
        : /^Worker 1 \(pid \d+\) is blocked for \d+\.\d s by GET \/report: spin \(app\.mjs:4\) < /,
    );
    await client.order("/v1/workers/1/kill");
    await stuck;
  },
);

recordings.run();
