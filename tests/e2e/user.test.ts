import { mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import * as assert from "uvu/assert";
import { runtimeName } from "../support/command.ts";
import { get } from "../support/curl.ts";
import { commandOf } from "../support/proc.ts";
import { fixture, promises } from "../support/promise.ts";
import { canBeNobody, NOBODY } from "../support/user.ts";
import { until } from "../support/wait.ts";

const user = promises("--user");
const app = fixture("app.ts");

/** A field of /proc/PID/status as numbers. */
function status(pid: number, field: string): number[] {
  const text = readFileSync(`/proc/${pid}/status`, "utf8");
  const [, numbers = ""] = new RegExp(`^${field}:\\s*(.*)$`, "m").exec(text) ??
    [];
  return numbers.trim().split(/\s+/).filter((one) => one !== "").map(Number);
}

user(
  "workers run as it, over TCP and a unix socket, also after a reload",
  async (lab) => {
    if (!canBeNobody()) return lab.skip("nobody cannot run corn from here");
    const folder = join(lab.folder, "run");
    mkdirSync(folder, { mode: 0o755 });
    const path = join(folder, "corn.sock");
    const server = await lab.start({
      app,
      args: ["-w", "2", "-b", "127.0.0.1:0", "-b", `unix:${path}`].concat(
        ["--user", String(NOBODY), "--group", String(NOBODY)],
      ),
    });
    for (const reloaded of [false, true]) {
      if (reloaded) {
        const before = server.workers();
        server.signal("SIGHUP");
        await server.waitForLog(/Reload done/, { ms: 10_000 });
        await until(
          "the old workers to leave",
          () => !server.workers().some((pid) => before.includes(pid)),
        );
      }
      for (const pid of server.workers()) {
        assert.equal(status(pid, "Uid"), Array(4).fill(NOBODY));
        assert.equal(status(pid, "Gid"), Array(4).fill(NOBODY));
        assert.equal(status(pid, "Groups"), [NOBODY]);
      }
      assert.is(await get(server.url), "ok\n");
      assert.is(await get("http://corn/", "--unix-socket", path), "ok\n");
      assert.not.match(server.log(), /instead/, "by no fallback");
    }
    assert.equal(status(server.pid, "Uid"), [0, 0, 0, 0]);
    assert.is(statSync(path).uid, NOBODY);
    // A sibling opens the queue of a killed worker.
    const [first = 0] = server.workers();
    process.kill(first, "SIGKILL");
    for (let count = 0; count < 12; count++) {
      assert.is(await get(server.url), "ok\n");
    }
  },
  { deadlineMs: 90_000 },
);

user("that does not exist is refused in a line", async ({ run }) => {
  const command = run({ app, args: ["--user", "nobdy"] });
  assert.is((await command.ended).code, 1);
  assert.match(
    command.log(),
    /^corn: Cannot use user "nobdy" from --user: there is no user "nobdy" in \/etc\/passwd\n$/,
  );
});

user("--umask and --name reach arbiter and workers", async ({ start }) => {
  const server = await start({
    app,
    args: ["-w", "1", "--umask", "077", "--name", "shop"],
  });
  const [worker = 0] = server.workers();
  for (const pid of [server.pid, worker]) {
    assert.equal(status(pid, "Umask"), [77]);
  }
  // Bun's title does not reach the system (1.4.5).
  if (runtimeName !== "node") return;
  assert.match(commandOf(server.pid), "corn: arbiter [shop]");
  assert.match(commandOf(worker), "corn: worker 1 [shop]");
});

user.run();
