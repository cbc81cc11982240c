import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { UNREAD_BYTES } from "../../src/control/door/limits.ts";
import * as assert from "../support/assert.ts";
import { assertSchema, ControlClient } from "../support/client/control.ts";
import { get } from "../support/client/curl.ts";
import { order } from "../support/client/order.ts";
import { type Lab, promises } from "../support/promise.ts";
import { until, within } from "../support/wait.ts";

const control = promises("the control socket");

const GOOD = `export default { fetch: () => new Response("one") };\n`;
const BAD = `function connect() {
  throw new TypeError("db is not a function");
}
connect();
`;

/** Starts corn with a control socket in the test's folder. */
async function start(lab: Lab, ...args: string[]) {
  lab.write("app.mjs", GOOD);
  const path = join(lab.folder, "control.sock");
  const server = await lab.start({
    app: "app.mjs",
    cwd: lab.folder,
    args: ["-w", "1", "--control", path, ...args],
    env: { XDG_RUNTIME_DIR: lab.folder, RUNTIME_DIRECTORY: undefined },
  });
  return { server, path, client: new ControlClient(path) };
}

control("corn tells what it does, and does what it is told", async (lab) => {
  const { server, path, client } = await start(
    lab,
    "--env",
    "SHOP=secret",
    ...["--control-mode", "660", "-w", "2"],
  );
  assert.is(statSync(path).mode & 0o777, 0o660);
  await until("both workers", async () => {
    const { state, ready } = await client.get("Status", "/v1/status");
    return state === "serving" && ready === 2;
  });
  const config = await client.get("Config", "/v1/config");
  assert.equal(config.settings.env, { value: "SHOP=***", origin: "--env" });
  assert.equal(config.settings.control, { value: path, origin: "--control" });

  const first = await client.order("/v1/reload");
  assert.is(first.state, "done");
  assert.match(first.message, /^Reload done in .*: generation 2 serves$/);

  lab.write("app.mjs", BAD);
  const failed = await client.order("/v1/reload");
  assert.is(failed.state, "failed");
  assert.match(
    failed.message,
    /^Reload failed: generation 2 serves on; generation 3 given up after .*: Worker \d \(pid \d+\) exited with code 4$/,
  );
  assert.is(failed.failure?.exit?.code, 4);
  assert.match(failed.failure?.message ?? "", /Cannot load app "app\.mjs"/);
  assert.match(
    failed.failure?.stack ?? "",
    /db is not a function[^]*connect.*app\.mjs:2/,
  );
  assert.is(await get(server.url), "one");
  const { generation } = await client.get("Status", "/v1/status");
  assert.is(generation.number, 2);
  assert.is(generation.failed.number, 3);

  lab.write("app.mjs", GOOD);
  const before = await client.get("Worker", "/v1/workers/1");
  const replaced = await client.order("/v1/workers/1/restart");
  assert.equal([replaced.state, replaced.message], [
    "done",
    "Replaced 1 worker",
  ]);
  const after = await client.get("Worker", "/v1/workers/1");
  assert.is.not(after.pid, before.pid);
  assert.is(after.restarts.last.reason, "an order");

  assert.equal(await client.refused("GET", "/v1/reload"), [405, "method"]);
  assert.equal(await client.refused("GET", "/v1/workers/9"), [
    404,
    "no-worker",
  ]);
  assert.equal(await client.refused("POST", "/v1/workers/9/kill"), [
    404,
    "no-worker",
  ]);
  assert.equal(await client.refused("POST", "/v1/reload", { canary: -1 }), [
    400,
    "bad-request",
  ]);
  assert.equal(await client.refused("POST", "/v1/scale", { to: 0 }), [
    400,
    "bad-request",
  ]);
  assert.equal(await client.refused("POST", "/v1/scale", { to: "auto" }), [
    409,
    "fixed",
  ]);

  const { events } = await client.get("History", "/v1/history");
  for (const { event, time, data } of events) {
    assertSchema(event === "log" ? "Log" : "Note", { time, ...data });
  }
  assert.ok(
    events.some(({ data }: { data: { about?: string } }) =>
      data.about === "rollout-failed"
    ),
  );
  const stopped = await client.stop();
  assert.equal(stopped, ["done", "Stopped"]);
  assert.is((await server.ended).code, 0);
  assert.not(existsSync(path));
});

/** Prints more than any client may leave unread, whenever it is loaded. */
const TALKATIVE = `for (let n = 0; n < 300; n++) console.log("x".repeat(4000));
${GOOD}`;

/** What the kernel may hold of a connection, beside what corn does. */
const KERNEL_BYTES = 512 * 1024;

control("clients that read no events do not hold up a reload", async (lab) => {
  const { server, path, client } = await start(
    lab,
    "--capture-output",
    "-w",
    "2",
  );
  let listening = 0;
  const stuck = Array.from({ length: 16 }, () => {
    const socket = connect(path);
    socket.write("GET /v1/events?after=0 HTTP/1.1\r\nhost: x\r\n\r\n");
    socket.once("data", () => {
      socket.pause();
      listening++;
    });
    return socket;
  });
  try {
    await until("the listeners", () => listening === 16);
    lab.write("app.mjs", TALKATIVE);
    assert.is((await client.order("/v1/reload")).state, "done");
    assert.is(await get(server.url), "one");
    const { events } = await client.get("History", "/v1/history?event=log");
    assert.ok(
      events.some(({ data }: { data: { text: string } }) =>
        data.text.startsWith("xxxx")
      ),
      "what is printed is an event",
    );
    // Of 2.4 MB so much was kept for each, and no more comes.
    const [one] = stuck as [Socket];
    let length = 0;
    one.on("data", (piece) => length += piece.length);
    one.on("error", () => {}); // It may be cut by now.
    const closed = new Promise((resolve) => one.once("close", resolve));
    one.resume();
    await within("the end of the events", closed);
    assert.ok(length < UNREAD_BYTES + KERNEL_BYTES, `${length} bytes`);
  } finally {
    for (const socket of stuck) socket.destroy();
  }
});

control("a new arbiter takes the path over, and gives it back", async (lab) => {
  const { server, client, path } = await start(lab);
  const pidOf = async () => {
    try {
      return (await client.get("Status", "/v1/status")).pid;
    } catch {
      return undefined; // Between two sockets.
    }
  };
  await until("an answer", async () => await pidOf() === server.pid);
  const upgraded = await client.order("/v1/upgrade");
  assert.is(upgraded.state, "done", upgraded.message);
  const pid = Number(/pid (\d+) is ready/.exec(upgraded.message)?.[1]);
  await until("the new one at the path", async () => await pidOf() === pid);
  const listed = async () => {
    const env = { XDG_RUNTIME_DIR: lab.folder };
    const { output } = await order(["ls", "--json"], env);
    return JSON.parse(output)
      .filter((one: { path: string }) => one.path === path)
      .map(({ status }: { status: { pid: number } }) => status.pid);
  };
  assert.equal(await listed(), [pid]);
  const announced = () =>
    readdirSync(join(lab.folder, "corn")).filter((name) =>
      name.endsWith(".path")
    );
  await until("one file", () => announced().length === 1);
  assert.equal(announced(), [`${pid}.path`]);
  process.kill(pid, "SIGTERM");
  await server.waitForLog(/Upgrade undone/);
  await until("the old one at it", async () => await pidOf() === server.pid);
  assert.equal(await listed(), [server.pid]);
  await server.stop();
  assert.equal(announced(), []);
});

control("the socket of one that was killed makes room", async (lab) => {
  const { server, path } = await start(lab);
  server.signal("SIGKILL");
  await server.ended;
  assert.ok(existsSync(path));
  const next = await start(lab);
  await until(
    "the next one",
    async () =>
      (await next.client.get("Status", "/v1/status")).pid === next.server.pid,
  );
});

control(
  "by default it is named after the arbiter, and --no-control is without",
  async (lab) => {
    lab.write("app.mjs", GOOD);
    const folder = join(lab.folder, "corn");
    const options = (...args: string[]) => ({
      app: "app.mjs",
      cwd: lab.folder,
      args: ["-w", "1", ...args],
      env: { XDG_RUNTIME_DIR: lab.folder, RUNTIME_DIRECTORY: undefined },
    });
    const without = await lab.start(options("--no-control"));
    assert.not(existsSync(folder));
    await without.stop();
    const server = await lab.start(options());
    const path = join(folder, `${server.pid}.sock`);
    await until("the socket", () => existsSync(path));
    assert.equal(
      [statSync(folder).mode & 0o777, statSync(path).mode & 0o777],
      [0o700, 0o600],
    );
    const client = new ControlClient(path);
    const pid = async () => (await client.get("Status", "/v1/status")).pid;
    assert.is(await pid(), server.pid);

    // Cleaners of folders for temporary files take it away.
    rmSync(folder, { recursive: true });
    lab.write("app.mjs", BAD);
    server.signal("SIGHUP");
    await server.waitForLog(/Control socket ".*" was removed: made again/);
    await until("the socket again", () => existsSync(path));
    assert.is(await pid(), server.pid);
    await server.waitForLog(/Reload failed/);

    rmSync(folder, { recursive: true });
    lab.write("corn", "");
    const from = server.log().length;
    server.signal("SIGHUP");
    await server.waitForLog(/\[ERROR\] Cannot open the control socket: /, {
      from,
    });
    await server.waitForLog(/Reload failed/, { from });
    await server.stop();
    assert.not(existsSync(path));
  },
);

control("a path that was removed is announced again at HUP", async (lab) => {
  const { server, path, client } = await start(lab);
  const folder = join(lab.folder, "corn");
  const announced = () => existsSync(folder) ? readdirSync(folder) : [];
  const reload = async () => {
    const from = server.log().length;
    server.signal("SIGHUP");
    await server.waitForLog(/Reload done/, { from });
  };
  for (const lost of [path, folder]) {
    rmSync(lost, { recursive: true });
    await reload();
    await until("its file", () => announced().length === 1);
    await until("the socket", () => existsSync(path));
    assert.is((await client.get("Status", "/v1/status")).pid, server.pid);
  }
  const inode = () => statSync(path).ino;
  const before = inode();
  await reload();
  assert.is(inode(), before, "one that is there stays");
});

control.run();
