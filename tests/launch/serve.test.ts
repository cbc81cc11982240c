import { startServer } from "../../src/launch/serve.ts";
import type { ServeOptions } from "../../src/launch/serve.ts";
import type { CornServer } from "../../src/hooks/types.ts";
import * as assert from "../support/assert.ts";
import { suite } from "../support/suite.ts";
import { until } from "../support/wait.ts";
import { machine } from "./launched.ts";

const serving = suite("startServer()");

/** corn as a program starts it. */
async function begin(options: Partial<ServeOptions> = {}) {
  const runtime = machine();
  let server: CornServer | undefined;
  const started = startServer(
    { runtime, worker: "file:///corn/worker.ts" },
    { app: "app.ts", workers: 1, ...options },
  ).then((one) => server = one);
  await until("a worker", () => runtime.children.length > 0);
  return { runtime, started, server: () => server };
}

serving("gives a server once the first worker is ready", async () => {
  const { runtime, started, server } = await begin();
  assert.is(server(), undefined);
  runtime.child(1).boot();
  const one = await started;
  assert.equal([one.pid, one.workers().length], [100, 1]);
});

serving("obeys signals unless they are left to the program", async () => {
  for (const [options, size] of [[{}, 2], [{ signals: false }, 1]] as const) {
    const { runtime, started } = await begin(options);
    runtime.child(1).boot();
    await started;
    runtime.signal("SIGTTIN");
    assert.is(runtime.children.length, size);
  }
});

serving.run();
