// runtimes: deno
import { join } from "node:path";
import * as assert from "../support/assert.ts";
import { get } from "../support/client/curl.ts";
import { promote, upgrade } from "../support/process/heir.ts";
import { startLoad } from "../support/load/load.ts";
import { fixture, promises } from "../support/promise.ts";

const bound = promises("self-bound workers");
const app = fixture("app.ts");

/** Without an FFI the arbiter makes no sockets to inherit. */
const runtimeFlags = ["--deny-ffi"];

bound("they share an address and come through reloads", async ({ start }) => {
  const server = await start({ app, runtimeFlags, args: ["-w", "2"] });
  assert.match(server.log(), /each worker binds it, with SO_REUSEPORT/);
  const load = await startLoad({ url: server.url, keepAlive: 4, single: 2 });
  try {
    for (let count = 0; count < 5; count++) {
      const from = server.log().length;
      server.signal("SIGHUP");
      await server.waitForLog(/Reload done/, { from });
    }
  } finally {
    await load.stop();
  }
  const report = await load.stop();
  console.log(`\n# self-bound, five reloads: ${JSON.stringify(report)}`);
  // What waits in the queue of a socket that closes is reset, unless the kernel
  // moves it (net.ipv4.tcp_migrate_req): only connections in use are safe.
  const kept = Object.keys(report.reasons)
    .filter((one) => one.startsWith("keepAlive, reused:"));
  assert.equal(kept, []);
  assert.ok(report.keepAlive.requests > 200, "there are such");
});

bound("one worker serves a unix socket, two are refused", async (lab) => {
  const { start, run, folder } = lab;
  const path = join(folder, "corn.sock");
  const args = ["-b", `unix:${path}`];
  const refused = run({ app, runtimeFlags, args: [...args, "-w", "2"] });
  assert.is((await refused.ended).code, 1);
  assert.match(refused.log(), `Cannot share "unix:${path}" between 2 workers`);

  const server = await start({ app, runtimeFlags, args: [...args, "-w", "1"] });
  const ask = () => get("http://localhost/", "--unix-socket", path);
  assert.is(await ask(), "ok\n");
  server.signal("SIGHUP");
  await server.waitForLog(/Reload done/);
  assert.is(await ask(), "ok\n");
  assert.is((await server.stop()).code, 0);
});

bound("an upgrade serves on the same port", async ({ start }) => {
  const server = await start({ app, runtimeFlags, args: ["-w", "2"] });
  const heir = await upgrade(server, server.pid);
  await promote(server, server.pid);
  assert.is(await get(server.url), "ok\n");
  await heir.stop();
});

bound.run();
