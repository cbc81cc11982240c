import { join } from "node:path";
import process from "node:process";
import * as assert from "../support/assert.ts";
import { assertSchema, ControlClient } from "../support/client/control.ts";
import { order } from "../support/client/order.ts";
import { SocketClient } from "../support/client/web-socket.ts";
import { fixture, promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";

const seen = promises("what is seen of a running corn");

interface Event {
  readonly event: string;
  readonly data: { readonly about: string; readonly pool?: string };
}

seen("its WebSockets, and its pools of tasks", async (lab) => {
  const path = join(lab.folder, "control.sock");
  const config = lab.write(
    "corn.config.json",
    JSON.stringify({ tasks: { pdf: { module: fixture("tasks/work.ts") } } }),
  );
  const server = await lab.start({
    app: fixture("sockets.ts"),
    args: ["-w", "1", "-c", config, "--control", path],
    deadlineMs: 60_000,
  });
  const client = new ControlClient(path);
  const [first, second] = [
    await SocketClient.open(`${server.url}/ws`),
    await SocketClient.open(`${server.url}/ws`),
  ];
  await until("both WebSockets", async () => {
    const { workers } = await client.get("Status", "/v1/status?measure=1");
    return workers[0].live?.websockets === 2;
  });
  const { code, output } = await order(["-s", path, "status"]);
  assert.is(code, 0);
  assert.match(output, / 2 WebSockets +1 of 1 ready\n/);
  assert.match(output, /OPEN +WS +P99/);
  const pools =
    /\nTASKS +READY +CALLS +OPEN +PIDS\npdf +1 of 1 +0 +0 +(\d+)\n$/;
  const [, pid] = pools.exec(output) ?? [];
  assert.ok(pid, output);
  const top = await order(["-s", path, "top"]);
  assert.match(top.output, pools);
  first.socket.close();
  second.socket.close();
  await Promise.all([first.ending(), second.ending()]);
  await until("no WebSocket", async () => {
    const { output } = await order(["-s", path, "status"]);
    return !/WebSocket|WS/.test(output);
  });

  process.kill(Number(pid), "SIGKILL");
  let events: readonly Event[] = [];
  await until("the end of the task's process", async () => {
    const { output } = await order(["-s", path, "events", "--json"]);
    const history = JSON.parse(output);
    assertSchema("History", history);
    events = (history as { readonly events: readonly Event[] }).events
      .filter(({ data }) => data.pool === "pdf");
    return events.filter(({ data }) => data.about === "ready").length === 2;
  });
  assert.equal(events.map(({ data }) => data.about), [
    "ready",
    "crash",
    "ready",
  ]);
  const told = await order(["-s", path, "events"]);
  assert.match(told.output, /Z crash tasks pdf worker 1: Worker 1 \(pid \d+\)/);
  // It is no worker's restart.
  const { totals, generation } = await client.get("Status", "/v1/status");
  assert.is(totals.restarts, 0);
  assert.is(generation.failed, undefined);
});

seen.run();
