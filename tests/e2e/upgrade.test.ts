import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "../support/assert.ts";
import { root } from "../../scripts/tools.ts";
import { commandFor, runtimeName } from "../support/process/command.ts";
import { get } from "../support/client/curl.ts";
import {
  heirOf,
  promote,
  untilLogged,
  upgrade,
} from "../support/process/heir.ts";
import { startLoad } from "../support/load/load.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import { until } from "../support/wait.ts";
import { nextVersion } from "../support/process/version.ts";

const usr2 = promises("upgrade");

const OK = "export default { fetch: () => new Response('ok\\n') };\n";

/** A pid file's content, undefined while it is not there. */
function pidIn(path: string): number | undefined {
  return existsSync(path) ? Number(readFileSync(path, "utf8")) : undefined;
}

/** corn that reads all it needs from a config file, which can be written anew. */
async function configured(
  { folder, write, start }: Lab,
  settings: Record<string, unknown> = {},
) {
  const configure = (more: Record<string, unknown> = {}) =>
    write(
      "corn.config.json",
      JSON.stringify({
        app: fixture("app.ts"),
        bind: ["127.0.0.1:0", `unix:${join(folder, "corn.sock")}`],
        workers: 1,
        keepAlive: 1,
        ...settings,
        ...more,
      }),
    );
  configure();
  const server = await start({ cwd: folder, defaults: false });
  return { server, configure };
}

usr2("leaves all to a new arbiter without a lost request", async (lab) => {
  const pid = join(lab.folder, "corn.pid");
  const { server } = await configured(lab, { pid, workers: 2 });
  const tcp = await startLoad({ url: server.url, keepAlive: 8, single: 4 });
  const unix = await startLoad({
    url: { path: join(lab.folder, "corn.sock") },
    keepAlive: 4,
    single: 4,
  });
  try {
    const first = await upgrade(server, server.pid);
    assert.is(pidIn(pid), server.pid);
    assert.is(pidIn(`${pid}.2`), first.pid);
    await promote(server, server.pid);
    assert.is((await server.ended).code, 0);
    await until("the pid file's new name", () => pidIn(pid) === first.pid);
    assert.is(pidIn(`${pid}.2`), undefined);
    const second = await upgrade(server, first.pid);
    await promote(server, first.pid);
    assert.is(second.workers().length, 2);
    for (const load of [tcp, unix]) {
      const { keepAlive, single, reasons } = await load.stop();
      assert.is(keepAlive.failures, 0, JSON.stringify(reasons));
      assert.is(single.failures, 0, JSON.stringify(reasons));
      assert.ok(keepAlive.requests + single.requests > 100);
    }
    await second.stop();
  } finally {
    await tcp.stop();
    await unix.stop();
  }
  assert.is(pidIn(pid), undefined);
  assert.not.ok(existsSync(join(lab.folder, "corn.sock")));
});

/** One whose app is written anew, and the arbiter that serves now. */
const building = usr2.share(async (lab) => {
  lab.write("app.ts", OK);
  const { server } = await configured(lab, { app: "./app.ts" });
  return { lab, server, serving: server.pid };
});

usr2("to a broken build changes nothing", async () => {
  const built = await building();
  const { lab, server } = built;
  const workers = server.workers();
  lab.write("app.ts", "throw new Error('broken');\n");
  const from = server.log().length;
  server.signal("SIGUSR2");
  await untilLogged(
    server,
    /Upgrade failed: the new arbiter exited with code 4 before its workers were ready; this arbiter serves on/,
    from,
  );
  assert.match(server.log(), "broken");
  assert.equal(server.workers(), workers);
  assert.is(await get(server.url), "ok\n");
  assert.is(
    await get("http://corn/", "--unix-socket", join(lab.folder, "corn.sock")),
    "ok\n",
  );
  lab.write("app.ts", OK);
  const heir = await upgrade(server, server.pid);
  await promote(server, server.pid);
  built.serving = heir.pid;
});

usr2("is one at a time, and not before the promotion", async () => {
  const { server, serving } = await building();
  const heir = await upgrade(server, serving);
  const from = server.log().length;
  process.kill(serving, "SIGUSR2");
  await untilLogged(
    server,
    /USR2 ignored: pid \d+ is the new arbiter already/,
    from,
  );
  heir.signal("SIGUSR2");
  await untilLogged(
    server,
    /USR2 ignored: the arbiter before this one/,
    from,
  );
  await promote(server, serving);
  await heir.stop();
});

/** One that serves on, whatever is asked of it. */
const undeterred = usr2.share(async (lab) => {
  const pid = join(lab.folder, "corn.pid");
  return { lab, pid, ...await configured(lab, { pid }) };
});

usr2("with a bad config is refused", async () => {
  const { server, configure } = await undeterred();
  configure({ wrokers: 3 });
  server.signal("SIGUSR2");
  await server.waitForLog(/Upgrade refused, nothing changes: .*wrokers/);
  assert.is(await get(server.url), "ok\n");
});

usr2("to a command that does not exist changes nothing", async () => {
  const { server, configure } = await undeterred();
  configure({ upgradeCommand: "/nowhere/corn app.ts" });
  server.signal("SIGUSR2");
  await server.waitForLog(/Upgrade failed: the new arbiter cannot be started/);
  assert.is(await get(server.url), "ok\n");
});

usr2("can be taken back: WINCH, HUP, and TERM to the new one", async () => {
  const { lab, server, configure, pid } = await undeterred();
  configure();
  const path = join(lab.folder, "corn.sock");
  const heir = await upgrade(server, server.pid);
  server.signal("SIGWINCH");
  const { workers } = server;
  await until("only the heir to serve", () => workers().length === 1);
  assert.equal(workers(), [heir.pid]);
  assert.is(await get(server.url), "ok\n");
  server.signal("SIGHUP");
  await server.waitForLog(/Reload done/);
  await heir.stop();
  await server.waitForLog(new RegExp(`Upgrade undone: pid ${heir.pid}`));
  assert.is(await get(server.url), "ok\n");
  assert.is(await get("http://corn/", "--unix-socket", path), "ok\n");
  assert.is(pidIn(pid), server.pid);
  assert.is(pidIn(`${pid}.2`), undefined);
  await server.stop();
  assert.not.ok(existsSync(path));
});

usr2("outlives a predecessor that is killed", async (lab) => {
  const { server, configure } = await configured(lab);
  // The successor does not want the predecessor's other socket.
  configure({ bind: "127.0.0.1:0" });
  const heir = await upgrade(server, server.pid);
  const path = join(lab.folder, "corn.sock");
  assert.ok(existsSync(path));
  await promote(server, server.pid, "SIGKILL");
  assert.is(await get(server.url), "ok\n");
  await until("the name to go", () => !existsSync(path));
  await heir.stop();
});

usr2("outlives a predecessor that is killed before it begins", async (lab) => {
  const { server, configure } = await configured(lab);
  const path = join(lab.folder, "corn.sock");
  const go = join(lab.folder, "go");
  const command = commandFor(runtimeName, "mod.ts").join(" ");
  const wait = `while [ ! -e ${go} ]; do sleep 0.1; done`;
  configure({ upgradeCommand: `sh -c "${wait}; exec ${command}"` });
  const from = server.log().length;
  server.signal("SIGUSR2");
  const [, pid] = await untilLogged(server, /Upgrade begins: pid (\d+)/, from);
  process.kill(server.pid, "SIGKILL");
  await server.ended;
  lab.write("go", "");
  await untilLogged(server, new RegExp(`Promoted: pid ${server.pid}`), from);
  assert.is(await get(server.url), "ok\n");
  assert.is(await get("http://corn/", "--unix-socket", path), "ok\n");
  await heirOf(Number(pid)).stop();
  assert.not.ok(existsSync(path));
});

usr2("lets a TERM wait until the new one is ready", async (lab) => {
  const { server } = await configured(lab);
  const from = server.log().length;
  server.signal("SIGUSR2");
  await server.waitForLog(/Upgrade begins/, { from });
  server.signal("SIGTERM");
  await untilLogged(server, /Promoted/, from);
  assert.match(server.log(), /Stop waits for the upgrade/);
  assert.is((await server.ended).code, 0);
  assert.is(await get(server.url), "ok\n");
  const [, text] = /Upgrade: pid (\d+) is ready/.exec(server.log()) ?? [];
  await heirOf(Number(text)).stop();
});

const next = { node: "bun", bun: "deno", deno: "node" } as const;

usr2("goes to another runtime", async (lab) => {
  const { server, configure } = await configured(lab, { workers: 2 });
  const command = commandFor(next[runtimeName], "mod.ts").join(" ");
  configure({ upgradeCommand: command });
  const load = await startLoad({ url: server.url, keepAlive: 8, single: 4 });
  try {
    const heir = await upgrade(server, server.pid);
    await promote(server, server.pid);
    assert.match(
      server.log(),
      new RegExp(`\\[${heir.pid}\\] .* on ${next[runtimeName]} `),
    );
    const { keepAlive, single, reasons } = await load.stop();
    assert.is(keepAlive.failures, 0, JSON.stringify(reasons));
    assert.is(single.failures, 0, JSON.stringify(reasons));
    await heir.stop();
  } finally {
    await load.stop();
  }
});

usr2("goes to another version of corn", async (lab) => {
  const { server, configure } = await configured(lab);
  const version = nextVersion(lab, root);
  const [program, ...flags] = commandFor(runtimeName, "mod.ts");
  const line = [program, ...flags.slice(0, -1), version.module].join(" ");
  configure({ upgradeCommand: line });
  const heir = await upgrade(server, server.pid);
  await promote(server, server.pid);
  assert.match(server.log(), `corn ${version.number} on ${runtimeName}`);
  assert.is(await get(server.url), "ok\n");
  await heir.stop();
});

usr2.run();
