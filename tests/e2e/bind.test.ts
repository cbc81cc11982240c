import { statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import * as assert from "../support/assert.ts";
import { curl, get } from "../support/client/curl.ts";
import { fixture, promises } from "../support/promise.ts";
import { alive } from "../support/machine/proc.ts";
import { until } from "../support/wait.ts";

const bind = promises("bind");
const app = fixture("app.ts");

function askUnix(path: string): Promise<string> {
  return get("http://localhost/", "--unix-socket", path);
}

bind("several addresses are served at once", async ({ start, folder }) => {
  const path = join(folder, "corn.sock");
  const server = await start({
    app,
    args: ["-w", "1", "-b", "127.0.0.1:0", "-b", `[::1]:0,unix:${path}`],
    addresses: 3,
  });
  assert.is(server.ports.length, 2);
  assert.ok(server.ports.every((port) => port > 0));
  assert.is(await get(server.url), "ok\n");
  assert.is(await get(`http://[::1]:${server.ports[1]}/`), "ok\n");
  assert.match(server.log(), `Listening at unix:${path}`);
  assert.is(await askUnix(path), "ok\n");
  assert.is(statSync(path).mode & 0o777, 0o660);
});

bind("workers share a unix socket", async ({ start, folder }) => {
  const path = join(folder, "corn.sock");
  const server = await start({
    app,
    args: ["-w", "2", "-b", `unix:${path}`, "--unix-mode", "600"],
  });
  assert.is(statSync(path).mode & 0o777, 0o600);
  assert.is(await askUnix(path), "ok\n");
  server.signal("SIGHUP");
  await server.waitForLog(/Reload done/);
  assert.is(await askUnix(path), "ok\n");
  assert.is((await server.stop()).code, 0);
});

bind(
  "a dead server's socket is taken over, a living one's is refused",
  async ({ start, run, folder, forgive }) => {
    const path = join(folder, "corn.sock");
    forgive(path);
    const args = ["-w", "1", "-b", `unix:${path}`];
    const dead = await start({ app, args });
    const pids = [dead.pid, ...dead.workers()];
    for (const pid of pids) process.kill(pid, "SIGKILL");
    await until("the server to die", () => !pids.some(alive));
    assert.ok(statSync(path).isSocket(), "the socket's name is left");

    await start({ app, args });
    assert.is(await askUnix(path), "ok\n");

    const second = run({ app, args, defaults: false });
    assert.is((await second.ended).code, 1);
    assert.match(
      second.log(),
      /Cannot bind "unix:[^"]*": another server answers there: .* \(pid \d+\); stop it/,
    );
    assert.is(await askUnix(path), "ok\n");
  },
);

bind("what is no socket is never removed", async ({ run, write }) => {
  const path = write("precious", "data");
  const command = run({ app, args: ["-w", "1", "-b", `unix:${path}`] });
  assert.is((await command.ended).code, 1);
  assert.match(command.log(), "a file that is no socket stands there");
  assert.is(statSync(path).size, 4);
});

bind("an address that this machine has not is refused", async ({ run }) => {
  const command = run({ app, args: ["-w", "1", "-b", "192.0.2.1:8000"] });
  assert.is((await command.ended).code, 1);
  assert.match(
    command.log(),
    'Cannot bind "192.0.2.1:8000": this machine has no such address',
  );
});

bind(
  "a reload opens a new address and closes an old one",
  async ({ start, folder, write }) => {
    const config = (address: string) =>
      write(
        "corn.config.json",
        JSON.stringify({ app, bind: [address], workers: 1, keepAlive: 1 }),
      );
    config("127.0.0.1:0");
    const server = await start({ defaults: false, cwd: folder });
    assert.is(await get(server.url), "ok\n");
    const path = join(folder, "corn.sock");
    config(`unix:${path}`);
    server.signal("SIGHUP");
    await server.waitForLog(/Reload done/);
    assert.is(await askUnix(path), "ok\n");
    await until(
      "the old address to close",
      async () => (await curl(server.url)).exit === 7,
    );
  },
);

bind.run();
