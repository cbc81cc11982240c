import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
} from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import process from "node:process";
import * as assert from "../support/assert.ts";
import { get } from "../support/client/curl.ts";
import { startLoad } from "../support/load/load.ts";
import { fixture, promises } from "../support/promise.ts";
import {
  asNobody,
  canBeNobody,
  NOBODY,
  nobodysEnvironment,
} from "../support/machine/user.ts";
import { until } from "../support/wait.ts";

const unix = promises("unix sockets");
const app = fixture("app.ts");
/** Longer than the steps in which a runtime counts its idle timeout. */
const USED_MS = 6000;

function ask(path: string): Promise<string> {
  return get("http://localhost/", "--unix-socket", path);
}

/** The rows of a name in the kernel's table, see proc(5). */
function rowsOf(name: string): string[] {
  return readFileSync("/proc/net/unix", "utf8").split("\n").filter((row) =>
    row.endsWith(` ${name}`)
  );
}

unix(
  "an abstract name is served by all workers, reloaded, and gone at the end",
  async ({ start, run, folder, mark }) => {
    const name = `@corn ${mark}`;
    const bind = ["-b", `unix:${name}`];
    const server = await start({
      app,
      args: ["-w", "2", "--unix-mode", "600", "--unix-owner", "0:0", ...bind],
      cwd: folder,
      env: { CORN_APP: app },
    });
    assert.match(server.log(), `Listening at unix:${name} (one accept queue`);
    const ask = () =>
      get("http://localhost/", "--abstract-unix-socket", name.slice(1));
    assert.is(await ask(), "ok\n");

    const second = run({ app, args: ["-w", "1", ...bind], defaults: false });
    assert.is((await second.ended).code, 1);
    assert.match(
      second.log(),
      /^corn: Cannot bind "unix:@corn [^"]*": another process holds the name: [^\n;]*\(pid \d+\); [^\n]*\n$/,
    );

    const load = await startLoad({
      url: { path: `\0${name.slice(1)}` },
      keepAlive: 4,
      single: 2,
    });
    for (let count = 0; count < 2; count++) {
      const from = server.log().length;
      server.signal("SIGHUP");
      await server.waitForLog(/Reload done/, { from });
    }
    const report = await load.stop();
    assert.is(report.keepAlive.failures, 0, JSON.stringify(report));
    assert.is(report.single.failures, 0, JSON.stringify(report));
    assert.is(await ask(), "ok\n");
    assert.is((await server.stop()).code, 0);
    assert.equal(rowsOf(name), []);
  },
);

unix("a socket belongs to whom it was given", async (lab) => {
  if (process.getuid?.() !== 0) return lab.skip("only root may give it away");
  const path = join(lab.folder, "corn.sock");
  const server = await lab.start({
    app,
    args: ["-w", "1", "-b", `unix:${path}`, "--unix-owner", "daemon:4"],
  });
  const { uid, gid, mode } = statSync(path);
  assert.equal([uid, gid, mode & 0o777], [1, 4, 0o660]);
  assert.is(await ask(path), "ok\n");
  await server.stop();
});

unix("an owner that is not known is refused in a line", async (lab) => {
  const path = join(lab.folder, "corn.sock");
  const command = lab.run({
    app,
    args: ["-b", `unix:${path}`, "--unix-owner", "nobdy"],
    defaults: false,
  });
  assert.is((await command.ended).code, 1);
  assert.is(
    command.log(),
    'corn: Cannot use unixOwner "nobdy" from --unix-owner: there is no user "nobdy" in /etc/passwd, nor by getent(1)\n',
  );
});

unix("who may not give it away is told so, and leaves nothing", async (lab) => {
  if (!canBeNobody()) return lab.skip("corn cannot be started as nobody here");
  const path = join(lab.folder, "corn.sock");
  chmodSync(lab.folder, 0o777);
  const user = { wrapper: asNobody(4), env: nobodysEnvironment };
  const args = ["-w", "1", "-b", `unix:${path}`];
  const refused = lab.run({
    ...user,
    app,
    args: [...args, "--unix-owner", "root"],
    defaults: false,
  });
  assert.is((await refused.ended).code, 1);
  assert.match(
    refused.log(),
    /^corn: Cannot bind "unix:[^"]*": this user may not set its owner; [^\n]*\n$/,
  );
  assert.not.ok(existsSync(path), "no name is left");

  const server = await lab.start({
    ...user,
    app,
    args: [...args, "--unix-owner", ":4"],
  });
  const { uid, gid } = statSync(path);
  assert.equal([uid, gid], [NOBODY, 4]);
  await server.stop();
});

unix("a name that another server took over is left to it", async (lab) => {
  const path = join(lab.folder, "corn.sock");
  lab.forgive(path);
  const server = await lab.start({
    app,
    args: ["-w", "1", "-b", `unix:${path}`],
  });
  const other = createServer((socket) => socket.end("another"));
  const aside = join(lab.folder, "other.sock");
  await new Promise<void>((resolve) => other.listen(aside, resolve));
  renameSync(aside, path);
  const { ino } = statSync(path);
  assert.is((await server.stop()).code, 0);
  assert.is(statSync(path).ino, ino, "it is another's");
  await new Promise((resolve) => other.close(resolve));
});

unix("a server that does not accept yet is left its name", async (lab) => {
  const path = join(lab.folder, "corn.sock");
  lab.write(
    "slow.ts",
    `await new Promise((run) => setTimeout(run, 60_000));\n`,
  );
  const args = ["-w", "1", "-b", `unix:${path}`];
  const booting = lab.run({ app: "slow.ts", args, cwd: lab.folder });
  await booting.waitForLog(/ starts 1 worker/);
  const { ino } = statSync(path);
  const second = lab.run({ app, args, defaults: false });
  assert.is((await second.ended).code, 1);
  assert.match(
    second.log(),
    /^corn: Cannot bind "unix:[^"]*": another process holds it: [^\n;]*\(pid \d+\); [^\n]*\n$/,
  );
  assert.is(statSync(path).ino, ino);
});

unix("paths that cannot be are refused, each in one line", async (lab) => {
  const { folder, write, run } = lab;
  const file = write("file", "");
  for (
    const [path, reason] of [
      [join(folder, "missing", "corn.sock"), "its folder does not exist"],
      [join(file, "corn.sock"), "its folder is a file"],
      [join(folder, "x".repeat(100)), "a unix socket's may have 107"],
      [`@${"x".repeat(108)}`, "the name has 108 bytes"],
      ["@", "give a name after unix:@"],
    ] as const
  ) {
    const command = run({ app, args: ["-b", `unix:${path}`], defaults: false });
    assert.is((await command.ended).code, 1);
    const lines = command.log().split("\n");
    assert.is(lines.length, 2, command.log());
    assert.match(command.log(), /^corn: Cannot (bind|use bind) "unix:/);
    assert.match(command.log(), reason);
  }
});

unix(
  "a folder that may not be written to is refused in a line",
  async (lab) => {
    if (!canBeNobody()) {
      return lab.skip(
        "corn cannot be started as nobody here",
      );
    }
    chmodSync(lab.folder, 0o755);
    for (const mode of [0o755, 0o700]) {
      const inner = join(lab.folder, `inner-${mode}`);
      mkdirSync(inner, { mode });
      const command = lab.run({
        app,
        args: ["-b", `unix:${join(inner, "corn.sock")}`],
        defaults: false,
        wrapper: asNobody(),
        env: nobodysEnvironment,
      });
      assert.is((await command.ended).code, 1);
      assert.match(
        command.log(),
        /^corn: Cannot bind "unix:[^"]*": permission denied, this user may not write to its folder\n$/,
      );
    }
  },
);

unix("a path with spaces is served and drained", async ({ start, folder }) => {
  const path = join(folder, "a b.sock");
  const server = await start({ app, args: ["-w", "1", "-b", `unix:${path}`] });
  assert.is(await ask(path), "ok\n");
  server.signal("SIGHUP");
  await server.waitForLog(/Reload done/);
  await until("the old worker to leave", () => server.workers().length === 1);
  assert.is(await ask(path), "ok\n");
});

unix("a connection in use outlasts --keep-alive", async ({ start, folder }) => {
  const path = join(folder, "corn.sock");
  await start({
    app,
    args: ["-w", "1", "-b", `unix:${path}`, "--keep-alive", "1"],
  });
  const socket = connect(path);
  socket.setNoDelay(true);
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.on("error", () => {});
  const end = performance.now() + USED_MS;
  let answers = 0;
  const ask = () => socket.write("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
  socket.on("data", () => {
    answers++;
    if (performance.now() > end) socket.destroy();
    else setTimeout(ask, 50);
  });
  ask();
  await closed;
  assert.ok(performance.now() > end, `it was closed after ${answers} answers`);
});

unix.run();
