import { cpSync, mkdtempSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { root } from "../../scripts/tools.ts";
import * as assert from "../support/assert.ts";
import { ControlClient } from "../support/client/control.ts";
import { curl } from "../support/client/curl.ts";
import { adminOf } from "../support/client/metrics.ts";
import { fixture, promises } from "../support/promise.ts";

const replaced = promises("corn's own files, replaced by a deploy");

/** What a corn runs from. */
const FILES = [
  ...["mod.ts", "worker.ts", "package.json", "deno.json"],
  ...["src", "adapters"],
];

replaced("what is asked for the first time is answered", async (lab) => {
  const copy = mkdtempSync(join(tmpdir(), "corn-replaced-"));
  try {
    for (const name of FILES) {
      cpSync(join(root, name), join(copy, name), { recursive: true });
    }
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
    const socket = join(lab.folder, "control.sock");
    const server = await lab.start({
      script: relative(root, join(copy, "mod.ts")),
      app: fixture("app.ts"),
      cwd: lab.folder,
      args: [
        ...["-w", "1", "-b", "127.0.0.1:0", "--control", socket],
        ...["--metrics", "--admin", "127.0.0.1:0"],
      ],
      deadlineMs: 60_000,
    });
    const admin = await adminOf(server);
    const client = new ControlClient(socket);
    // What answers at --admin is loaded beside what answers this.
    const { workers } = await client.get("Status", "/v1/status?measure=1");
    assert.ok(workers[0].live);
    for (const name of ["src", "adapters"]) {
      renameSync(join(copy, name), join(copy, `gone-${name}`));
    }
    const { status, body } = await curl(`${admin}/metrics`);
    assert.is(status, 200, body);
    assert.match(body, /^corn_workers_wanted 1$/m);
    assert.is((await curl(`${admin}/ready`)).status, 200);
    for (
      const [what, body] of [["profile", { seconds: 1 }], ["heap"]] as const
    ) {
      const { state, message } = await client.order(
        `/v1/workers/1/${what}`,
        body,
      );
      assert.is(state, "done", message);
      rmSync(dirname(message), { recursive: true });
    }
    lab.write("corn.config.mjs", "export default { port: 3000 };");
    server.signal("SIGHUP");
    await server.waitForLog(
      /Reload refused, nothing changes: Cannot use "port" from corn\.config\.mjs/,
    );
    assert.equal(await client.stop(), ["done", "Stopped"]);
  } finally {
    rmSync(copy, { recursive: true });
  }
});

replaced.run();
