import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import type { CornConfig } from "../../src/config/table/types.ts";
import { launch } from "../../src/launch/launch.ts";
import { FakeRuntime } from "../support/fake/runtime.ts";

const launching = suite("launch()");

/** corn as a program has it, on a fake machine. */
async function begin(options: CornConfig = {}, signals?: boolean) {
  const runtime = new FakeRuntime();
  runtime.files.texts.set("/srv/app.ts", "");
  const { uncaught } = runtime;
  const program = { runtime, worker: "file:///corn/worker.ts" };
  const launched = await launch(program, {
    options: { app: "app.ts", workers: 1, ...options },
    ...signals !== undefined && { signals },
  });
  return {
    runtime,
    /** True where errors that nothing caught are corn's to log. */
    guards: () => runtime.uncaught !== uncaught,
    async [Symbol.asyncDispose]() {
      launched.arbiter.stop("cut");
      for (const child of runtime.children) child.exit({ code: 0 });
      assert.is(await launched.done, 0);
    },
  };
}

launching("makes this process what the settings say", async () => {
  await using named = await begin({ name: "shop", umask: "027" });
  assert.is(named.runtime.title, "corn: arbiter [shop]");
  assert.is(named.runtime.mask, 0o027);
});

launching("leaves this process as it is without settings for it", async () => {
  await using plain = await begin();
  assert.is(plain.runtime.title, "");
  assert.is(plain.runtime.mask, 0o022);
});

launching("takes a program's uncaught errors once it has hooks", async () => {
  await using plain = await begin();
  assert.not(plain.guards());
  await using hooked = await begin({ onStarting() {} });
  assert.ok(hooked.guards());
  await using left = await begin({ onStarting() {} }, false);
  assert.not(left.guards());
});

launching("closes the log's file at the end", async () => {
  const file = "/var/log/corn.log";
  const logged = await begin({ errorLogfile: file });
  const { files } = logged.runtime;
  assert.equal(files.opened, [file]);
  await logged[Symbol.asyncDispose]();
  assert.equal(files.opened, []);
  assert.match(files.texts.get(file) ?? "", "Stopped");
});

launching.run();
