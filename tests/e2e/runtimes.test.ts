import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import * as assert from "../support/assert.ts";
import { programOf, runtimeName } from "../support/process/command.ts";
import { fixture, promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";
import { who } from "../support/client/who.ts";

const runtimes = promises("--runtime");

for (const runtime of ["node", "bun", "deno"] as const) {
  runtimes(`${runtime} workers serve under this arbiter`, async ({ start }) => {
    const server = await start({
      app: fixture("app.ts"),
      args: ["-w", "2", "--runtime", runtime],
    });
    const before = await who(server.url);
    assert.is(before.runtime, runtime);
    if (runtime !== runtimeName) {
      assert.match(server.log(), ` starts 2 workers on ${runtime} for `);
    }
    server.signal("SIGHUP");
    await server.waitForLog(/Reload done/);
    await until(
      "the old workers to leave",
      () => server.workers().length === 2,
    );
    const after = await who(server.url);
    assert.is(after.runtime, runtime);
    assert.is.not(after.pid, before.pid);
    assert.equal(await server.stop(), { code: 0, signal: null });
  });
}

runtimes(
  "a runtime that is not installed is refused",
  async ({ run, folder }) => {
    const runtime = runtimeName === "bun" ? "deno" : "bun";
    const command = run({
      app: fixture("app.ts"),
      args: ["-w", "1", "--runtime", runtime],
      env: { PATH: folder },
    });
    assert.is((await command.ended).code, 3);
    assert.match(
      command.log(),
      `Cannot start workers on ${runtime}: there is no "${runtime}" in PATH`,
    );
  },
);

runtimes(
  "a runtime that is another under its name is refused",
  async ({ run, folder, write }) => {
    // As with bunx, where no Node is installed.
    const asked = runtimeName === "node" ? "bun" : "node";
    const real = runtimeName === "node" ? "node" : "bun";
    write(asked, "");
    const path = join(folder, asked);
    rmSync(path);
    symlinkSync(programOf(real), path);
    const args = ["-w", "1", "--runtime", asked];
    for (const more of [[], ["--check-config"]]) {
      const command = run({
        app: fixture("app.ts"),
        args: [...args, ...more],
        env: { PATH: folder },
      });
      const { code } = await command.ended;
      assert.is(code, 3, command.log());
      assert.match(
        command.log(),
        new RegExp(`Cannot start workers on ${asked}: \\S+ is ${real} \\d`),
      );
    }
  },
);

runtimes.run();
