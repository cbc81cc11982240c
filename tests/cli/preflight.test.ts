import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { findRefusals } from "../../src/cli/preflight.ts";
import { namesOf } from "../../src/arbiter/generations/names.ts";
import type { CornConfig } from "../../src/config/table/types.ts";
import { load } from "../config/support.ts";
import { FakeRuntime, systemError } from "../support/fake/runtime.ts";

const preflight = suite("findRefusals()");

/** What is refused of a config, on a machine where calls fail. */
async function refusals(
  options: CornConfig,
  failures: Record<string, Error> = {},
  prepare: (runtime: FakeRuntime) => void = () => {},
): Promise<string[]> {
  const runtime = new FakeRuntime();
  prepare(runtime);
  runtime.files.texts.set("/srv/app.ts", "");
  for (const [call, error] of Object.entries(failures)) {
    runtime.files.failures.set(call, error);
  }
  const config = await load({ options: { app: "app.ts", ...options } });
  const names = namesOf(runtime, "file:///corn/mod.ts");
  const found = await findRefusals(config, runtime, names);
  assert.equal(
    [...runtime.files.texts.keys()],
    ["/srv/app.ts"],
    "nothing is left behind",
  );
  assert.not.ok(runtime.listeners.some((one) => one.open));
  return found.map(({ message }) => message);
}

preflight("finds nothing where all is well", async () => {
  assert.equal(
    await refusals({
      pid: "/run/corn.pid",
      errorLogfile: "/log/error",
      accessLogfile: "/log/access",
    }),
    [],
  );
});

preflight(
  "finds a pid file that cannot be written, by its own name",
  async () => {
    const [message, ...others] = await refusals({ pid: "/run/corn.pid" }, {
      "replaceText /run/corn.pid.100.check": systemError("EACCES"),
    });
    assert.match(message ?? "", /pid file "\/run\/corn\.pid"/);
    assert.equal(others, []);
  },
);

preflight(
  "finds a log file that cannot be opened, and all that is wrong",
  async () => {
    const found = await refusals({
      errorLogfile: "/log/error",
      accessLogfile: "/log/access",
    }, {
      "openAppend /log/error": systemError("EACCES"),
      "openAppend /log/access": systemError("EACCES"),
    });
    assert.is(found.length, 2);
    assert.match(found[0] ?? "", "/log/error");
    assert.match(found[1] ?? "", "/log/access");
  },
);

preflight("opens each address for a moment, with one queue", async () => {
  let runtime: FakeRuntime | undefined;
  const bind = ["127.0.0.1:8000", "unix:/run/app.sock", "fd://3"];
  await refusals({ bind, workers: 4 }, {}, (one) => runtime = one);
  assert.equal(
    runtime?.listeners.map(({ address, options }) => [
      address.kind,
      options.queues,
    ]),
    [["tcp", 1], ["unix", 1]],
  );
});

preflight("finds an address that is not this machine's", async () => {
  const [message, ...others] = await refusals({ bind: "10.0.0.1:80" }, {}, (
    runtime,
  ) => runtime.listenFailure = systemError("EADDRNOTAVAIL"));
  assert.match(message ?? "", /Cannot bind "10\.0\.0\.1:80"/);
  assert.equal(others, []);
});

preflight("lets be what a running corn has", async () => {
  assert.equal(
    await refusals({ bind: "127.0.0.1:8000" }, {}, (runtime) => {
      runtime.listenFailure = systemError("EADDRINUSE");
    }),
    [],
  );
  // So is a socket's name that is taken, and a service manager's sockets.
  for (
    const prepare of [
      ({ files }: FakeRuntime) => void files.sockets.add("/run/app.sock"),
      ({ env }: FakeRuntime) => void (env.LISTEN_FDS = "1"),
    ]
  ) {
    let runtime: FakeRuntime | undefined;
    await refusals({ bind: "unix:/run/app.sock" }, {}, (one) => {
      runtime = one;
      prepare(one);
    });
    assert.equal(runtime?.listeners, []);
  }
});

preflight.run();
