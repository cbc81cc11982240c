import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { describeSurroundings } from "../../src/launch/surroundings.ts";
import type { Config } from "../../src/config/table/types.ts";
import { load } from "../config/support.ts";
import { FakeRuntime, systemError } from "../support/fake/runtime.ts";

const surroundings = suite("surroundings");

interface Around {
  readonly env?: Readonly<Record<string, string>>;
  readonly texts?: Readonly<Record<string, string>>;
  readonly parent?: number;
}

function machine({ env = {}, texts = {}, parent = 7 }: Around = {}) {
  const runtime = new FakeRuntime();
  Object.assign(runtime.env, env);
  for (const [path, text] of Object.entries(texts)) {
    runtime.files.texts.set(path, text);
  }
  Object.assign(runtime.self, { ppid: () => parent });
  return runtime;
}

function listenersOf({ settings }: Config, taken = false) {
  return settings.bind.map((asked) => ({ asked, taken }));
}

/** What is said with these settings and nothing else. */
async function lines(around: Around, input: Parameters<typeof load>[0] = {}) {
  const config = await load(input);
  return describeSurroundings(config, machine(around), listenersOf(config));
}

surroundings("nothing is said on a machine of one's own", async () => {
  assert.equal(
    await lines({ texts: { "/proc/1/comm": "systemd\n" }, parent: 1 }),
    [],
  );
});

surroundings(
  "loopback is named in a container, where nothing asked for it",
  async () => {
    const containers: readonly Around[] = [
      { texts: { "/.dockerenv": "" } },
      { texts: { "/run/.containerenv": "" } },
      { texts: { "/proc/1/cgroup": "0::/kubepods/pod1\n" } },
      { env: { KUBERNETES_SERVICE_HOST: "10.0.0.1" } },
      { env: { container: "podman" } },
    ];
    for (const around of containers) {
      const [line, ...more] = await lines(around);
      assert.match(
        line!,
        /^127\.0\.0\.1:8000 .*container alone: set PORT, or give --bind 0\.0\.0\.0:8000$/,
      );
      assert.equal(more, []);
    }
    const [around] = containers as [Around];
    const flags = {
      values: { bind: { value: "127.0.0.1:8000", origin: "-b" } },
    };
    assert.equal(await lines(around, { flags }), [], "a sidecar's");
    assert.equal(await lines(around, { env: { PORT: "80" } }), []);
    const config = await load();
    const handed = listenersOf(config, true);
    assert.equal(
      describeSurroundings(config, machine(around), handed),
      [],
      "a service manager's, or those of an upgrade",
    );
  },
);

surroundings("a shell that is process 1, above corn, is named", async () => {
  for (const name of ["sh", "bash", "dash", "ash", "busybox"]) {
    const texts = { "/proc/1/comm": `${name}\n` };
    const [line, ...more] = await lines({ texts, parent: 1 });
    assert.match(line!, /^Process 1 is a shell, \w+, .* exec corn/);
    assert.equal(more, []);
    assert.equal(await lines({ texts }), [], "not above");
    const above = { ...texts, "/proc/7/status": "Name:\tx\nPPid:\t1\n" };
    assert.is((await lines({ texts: above })).length, 1, "two above");
    const outside = { ...texts, "/proc/7/status": "Name:\tx\nPPid:\t0\n" };
    assert.equal(await lines({ texts: outside }), []);
    const trap = { ...texts, "/proc/1/status": "SigCgt:\t0000000000010002\n" };
    assert.is((await lines({ texts: trap, parent: 1 })).length, 1, "CHLD, INT");
    const own = { ...texts, "/proc/1/status": "SigCgt:\t0000000000004000\n" };
    assert.equal(await lines({ texts: own, parent: 1 }), [], "TERM");
  }
  const init = { "/proc/1/comm": "tini\n" };
  assert.equal(await lines({ texts: init, parent: 1 }), []);
});

surroundings("npm that is process 1 is named", async () => {
  const texts = {
    "/proc/1/comm": "npm start\n",
    "/proc/7/status": "PPid:\t1\n",
  };
  const [line, ...more] = await lines({ texts });
  assert.match(line!, /^Process 1 is npm, .*: start corn itself/);
  assert.equal(more, []);
});

surroundings("what may not be looked at is not there", async () => {
  const runtime = machine({ parent: 1 });
  for (const path of ["/proc/1/cgroup", "/proc/1/comm"]) {
    runtime.files.failures.set(`readText ${path}`, systemError("EACCES"));
  }
  runtime.files.failures.set("list /.dockerenv", systemError("EACCES"));
  const config = await load();
  const lines = describeSurroundings(config, runtime, listenersOf(config));
  assert.equal(lines, []);
});

surroundings.run();
