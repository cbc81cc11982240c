import { spawn, spawnSync } from "node:child_process";
import process from "node:process";
import { join } from "node:path";
import * as assert from "../support/assert.ts";
import { get } from "../support/client/curl.ts";
import { runtimeName } from "../support/process/command.ts";
import { promote, untilLogged, upgrade } from "../support/process/heir.ts";
import { freePort } from "../support/machine/ports.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import { until } from "../support/wait.ts";

const systemd = promises("systemd");
const app = fixture("app.ts");

function has(program: string): boolean {
  return spawnSync(program, ["--version"]).status === 0;
}

/** A command that passes two sockets on, as systemd does, and where they are. */
async function activation({ folder, forgive }: Lab, whose: "self" | "wrong") {
  const port = await freePort();
  const path = join(folder, "app.sock");
  // Its maker removes it, as systemd does.
  forgive(path);
  const script = fixture("activate.py");
  const wrapper = ["python3", script, String(port), path, whose];
  return { port, path, wrapper };
}

systemd(
  "sockets that systemd opened are served, also after a reload",
  async (lab) => {
    if (!has("python3")) return lab.skip("python3 is not installed");
    const { port, path, wrapper } = await activation(lab, "self");
    const args = ["-w", "2", "--keep-alive", "1"];
    const server = await lab.start({ app, args, wrapper, defaults: false });
    assert.equal(server.ports, [port]);
    assert.match(server.log(), `Listening at unix:${path}`);
    const ask = async () => {
      const answers = [
        await get(`${server.url}/who`),
        await get("http://corn/who", "--unix-socket", path),
      ];
      return answers.map((answer) => JSON.parse(answer).pid);
    };
    const before = server.workers();
    for (const pid of await ask()) assert.ok(before.includes(pid));
    server.signal("SIGHUP");
    await server.waitForLog(/Reload done/);
    for (const pid of await ask()) assert.not.ok(before.includes(pid));
  },
);

systemd(
  "sockets for another process are left alone, and said so",
  async (lab) => {
    if (!has("python3")) return lab.skip("python3 is not installed");
    const { port, wrapper } = await activation(lab, "wrong");
    const server = await lab.start({ app, args: ["-w", "1"], wrapper });
    assert.match(server.log(), /LISTEN_FDS ignored: LISTEN_PID is 1, and this/);
    assert.is.not(server.port, port);
  },
);

systemd(
  "systemd is told of ready workers, a reload, a refused one and the end",
  async ({ folder, write, mark, start, skip, forgive }) => {
    if (!has("python3")) return skip("python3 is not installed");
    if (runtimeName === "node" && !has("systemd-notify")) {
      return skip("systemd-notify is not installed, which Node needs");
    }
    const socket = join(folder, "notify.sock");
    forgive(socket);
    const manager = spawn("python3", [fixture("manager.py"), socket], {
      env: { ...process.env, TEST_MARK: mark },
    });
    let told = "";
    manager.stdout.setEncoding("utf8").on("data", (text) => told += text);
    try {
      await until("the manager", () => told.includes("ready"));
      write("app.ts", `export default { fetch: () => new Response("ok") };\n`);
      write("corn.config.ts", `export default { app: "./app.ts" };\n`);
      const server = await start({
        args: ["-w", "1"],
        cwd: folder,
        env: { NOTIFY_SOCKET: socket, WATCHDOG_USEC: "600000" },
      });
      await until("READY", () => /READY=1/.test(told));
      assert.match(told, `MAINPID=${server.pid}`);
      await until("a watchdog", () => /WATCHDOG=1/.test(told));
      server.signal("SIGHUP");
      await until(
        "RELOADING",
        () => /RELOADING=1.*MONOTONIC_USEC=\d+/.test(told),
      );
      await until(
        "READY again",
        () => /STATUS=Serving generation 2/.test(told),
      );
      write("corn.config.ts", `export default { wrokers: 1 };\n`);
      server.signal("SIGHUP");
      await until("the refusal", () => /the reload was refused/.test(told));
      await server.stop();
      await until("STOPPING", () => /STOPPING=1/.test(told));
    } finally {
      manager.kill();
    }
  },
);

systemd("sockets that systemd opened outlive an upgrade", async (lab) => {
  if (!has("python3")) return lab.skip("python3 is not installed");
  const { path, wrapper } = await activation(lab, "self");
  const args = ["-w", "1", "--keep-alive", "1"];
  const server = await lab.start({ app, args, wrapper, defaults: false });
  const heir = await upgrade(server, server.pid);
  await promote(server, server.pid);
  assert.ok(await get(server.url));
  assert.ok(await get("http://corn/", "--unix-socket", path));
  heir.signal("SIGHUP");
  await untilLogged(server, /Reload done/);
  assert.ok(await get("http://corn/", "--unix-socket", path));
  await heir.stop();
});

systemd(
  "a descriptor that is no listening socket is refused in a line",
  async ({ run }) => {
    const command = run({ app, args: ["-b", "fd://77"], defaults: false });
    const { code } = await command.ended;
    assert.is(code, 1);
    assert.match(command.log(), /^corn: Cannot serve on fd:\/\/77: .*\n$/);
  },
);

systemd.run();
