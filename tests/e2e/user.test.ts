import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import * as assert from "../support/assert.ts";
import { runtimeName } from "../support/process/command.ts";
import { get } from "../support/client/curl.ts";
import { commandOf } from "../support/machine/proc.ts";
import { fixture, promises } from "../support/promise.ts";
import { canBeNobody, NOBODY } from "../support/machine/user.ts";
import { until } from "../support/wait.ts";

const user = promises("--user");
const app = fixture("app.ts");

/** A field of /proc/PID/status as numbers. */
function status(pid: number, field: string): number[] {
  const text = readFileSync(`/proc/${pid}/status`, "utf8");
  const [, numbers = ""] =
    new RegExp(`^${field}:[ \\t]*(.*)$`, "m").exec(text) ??
      [];
  return numbers.trim().split(/\s+/).filter((one) => one !== "").map(Number);
}

/** The user and group that a process had when its program was started, see getauxval(3). */
function startedAs(pid: number): number[] {
  const bytes = readFileSync(`/proc/${pid}/auxv`);
  const words = new BigUint64Array(new Uint8Array(bytes).buffer);
  const valueOf = (type: bigint) => {
    for (let at = 0; at < words.length; at += 2) {
      if (words[at] === type) return Number(words[at + 1]);
    }
    return NaN;
  };
  return [valueOf(11n), valueOf(13n)];
}

/** Files that a process may write to by what it has open, and by itself could not. */
function openForRoot(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).filter((name) => {
    const info = readFileSync(`/proc/${pid}/fdinfo/${name}`, "utf8");
    const [, flags = "0"] = /^flags:\s*(\d+)/m.exec(info) ?? [];
    const stat = statSync(`${folder}/${name}`);
    return stat.isFile() && (parseInt(flags, 8) & 3) !== 0 &&
      stat.uid !== NOBODY && (stat.mode & 0o002) === 0;
  }).map((name) => readlinkSync(`${folder}/${name}`));
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
        await server.waitForLog(/Reload done/);
        await until(
          "the old workers to leave",
          () => !server.workers().some((pid) => before.includes(pid)),
        );
      }
      for (const pid of server.workers()) {
        assert.equal(status(pid, "Uid"), Array(4).fill(NOBODY));
        assert.equal(status(pid, "Gid"), Array(4).fill(NOBODY));
        // Its own group is no other's.
        assert.equal(status(pid, "Groups"), []);
        assert.equal(startedAs(pid), [NOBODY, NOBODY]);
        assert.equal(openForRoot(pid), []);
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
);

/** A user with groups beside its own, by /etc/group, and all their numbers. */
function findMember(): { name: string; groups: number[] } | undefined {
  const rows = readFileSync("/etc/group", "utf8").split("\n").map((row) =>
    row.split(":")
  );
  const users = readFileSync("/etc/passwd", "utf8").split("\n");
  for (const [, , , members = ""] of rows) {
    const [name = ""] = members.split(",");
    const user = users.find((row) => name !== "" && row.startsWith(`${name}:`));
    if (user === undefined) continue;
    const more = rows.filter(([, , , all = ""]) =>
      all.split(",").includes(name)
    ).map(([, , gid]) => Number(gid));
    return { name, groups: [Number(user.split(":")[3]), ...more] };
  }
  return undefined;
}

user("has all of its groups with --initgroups", async (lab) => {
  if (!canBeNobody()) return lab.skip("nobody cannot run corn from here");
  const member = findMember();
  if (member === undefined) return lab.skip("no user has another group");
  const server = await lab.start({
    app,
    args: ["-w", "1", "--user", member.name, "--initgroups"],
  });
  const [worker = 0] = server.workers();
  const groups = status(worker, "Groups");
  assert.equal([...new Set(groups)].sort(), [...new Set(member.groups)].sort());
  assert.is(status(worker, "Gid")[0], member.groups[0]);
  assert.not.equal(startedAs(worker)[0], 0);
  assert.is(await get(server.url), "ok\n");
});

user("may be left out: --group alone changes the group", async (lab) => {
  if (!canBeNobody()) return lab.skip("nobody cannot run corn from here");
  const args = ["-w", "1", "--group", String(NOBODY)];
  const server = await lab.start({ app, args });
  const [worker = 0] = server.workers();
  assert.is(status(worker, "Uid")[0], 0);
  assert.is(status(worker, "Gid")[0], NOBODY);
  assert.equal(status(worker, "Groups").filter((one) => one !== NOBODY), []);
});

user("must be allowed to read the app, or an error names it", async (lab) => {
  if (!canBeNobody()) return lab.skip("nobody cannot run corn from here");
  chmodSync(lab.folder, 0o755);
  const app = lab.write("app.mjs", "export default () => new Response();\n");
  chmodSync(app, 0o600);
  const command = lab.run({
    app,
    args: ["-w", "1", "--user", "65534"].concat(["--group", "65534"]),
  });
  await command.ended;
  const file = app.replaceAll(/[.]/g, "[.]");
  assert.match(command.log(), new RegExp(`Cannot load app "${file}"`));
});

user("that does not exist is refused in a line", async ({ run }) => {
  const command = run({ app, args: ["--user", "nobdy"] });
  assert.is((await command.ended).code, 1);
  assert.match(
    command.log(),
    /^corn: Cannot use user "nobdy" from --user: there is no user "nobdy" in \/etc\/passwd, nor by getent\(1\)\n$/,
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
