import { findAll, findByPid } from "../../../src/control/client/find.ts";
import { findSuccessor } from "../../../src/control/client/successor.ts";
import type { Address } from "../../../src/runtime/runtime.ts";
import { load } from "../../config/support.ts";
import * as assert from "../../support/assert.ts";
import { ControlledRuntime, SOCKET } from "../../support/fake/controlled.ts";
import { systemError } from "../../support/fake/files.ts";
import { FakeRuntime } from "../../support/fake/runtime.ts";
import { suite } from "../../support/suite.ts";

const finding = suite("finding corns");
const config = await load();

/** A machine with sockets, each of a process that is there. */
function machine(...paths: readonly string[]): FakeRuntime {
  const runtime = new FakeRuntime();
  runtime.answers = (address?: Address) =>
    Promise.resolve(
      runtime.files.texts.has((address as { readonly path: string }).path),
    );
  for (const path of paths) addSocket(runtime, path);
  return runtime;
}

function addSocket(runtime: FakeRuntime, path: string): void {
  runtime.files.texts.set(path, "");
  runtime.pids.add(Number(/(\d+)\.sock$/.exec(path)?.[1]));
}

const pidsOf = (all: readonly { readonly pid: number }[]) =>
  all.map(({ pid }) => pid);

finding("findAll() gives those that answer by their pids", async () => {
  const runtime = machine(
    "/tmp/corn-0/120.sock",
    "/run/corn/31.sock",
    "/tmp/corn-0/99.sock",
    "/run/user/0/corn/55.sock",
  );
  assert.equal(pidsOf(await findAll(runtime)), [31, 55, 99, 120]);
  // A process that is there may not listen any more.
  runtime.answers = (address?: Address) =>
    Promise.resolve(JSON.stringify(address).includes("99.sock"));
  assert.equal(await findAll(runtime), [
    { pid: 99, path: "/tmp/corn-0/99.sock" },
  ]);
});

finding("findAll() removes what is left of a killed corn", async () => {
  const runtime = machine("/tmp/corn-0/99.sock", "/tmp/corn-0/77.sock");
  runtime.pids.delete(77);
  runtime.answers = (address?: Address) =>
    Promise.resolve(JSON.stringify(address).includes("99.sock"));
  assert.equal(pidsOf(await findAll(runtime)), [99]);
  assert.equal([...runtime.files.texts.keys()], ["/tmp/corn-0/99.sock"]);
});

finding(
  "a folder where others could put a socket is not looked into",
  async () => {
    const folder = "/run/corn";
    const cases: readonly ((runtime: FakeRuntime) => void)[] = [
      ({ files }) => files.owners.set(folder, { uid: 7, gid: 7 }),
      ({ files }) => files.modes.set(folder, 0o777),
      ({ files }) => files.modes.set(folder, 0o770),
      ({ files }) =>
        files.failures.set(`list ${folder}`, systemError("EACCES")),
    ];
    for (const spoil of cases) {
      const runtime = machine(`${folder}/31.sock`);
      assert.equal(pidsOf(await findAll(runtime)), [31]);
      spoil(runtime);
      assert.equal(await findAll(runtime), []);
    }
  },
);

finding("findByPid() follows the environment of a service", () => {
  const runtime = machine("/run/shop/70.sock");
  const { files } = runtime;
  const found = { pid: 70, path: "/run/shop/70.sock" };
  assert.is(findByPid(70, runtime), undefined, "it has no environment");
  const shop = { uid: 7, gid: 7 };
  files.texts.set("/proc/70/environ", "A=b=c\0RUNTIME_DIRECTORY=/run/shop\0");
  files.owners.set("/proc/70", shop).set("/run/shop", shop);
  const as = (uid: number) =>
    findByPid(70, {
      ...runtime,
      files,
      signals: runtime.signals,
      answers: runtime.answers,
      self: { ...runtime.self, uid },
    });
  assert.equal([as(0), as(7), as(8)], [found, found, undefined]);
  files.modes.set("/run/shop", 0o777);
  assert.is(as(7), undefined, "others can put sockets there");
  files.failures.set("readText /proc/70/environ", systemError("EACCES"));
  assert.is(as(7), undefined);
});

finding(
  "findSuccessor() gives another corn of the same addresses",
  async () => {
    const corn = new ControlledRuntime(config);
    const addresses = ["http://[::1]:9", "http://127.0.0.1:8000"];
    const listenersOf = (addresses: readonly string[]) =>
      addresses.map((address) => ({ address, queues: [] }));
    corn.subject.set({ listeners: listenersOf(addresses) });
    const after = (pid: number, addresses: readonly string[]) =>
      findSuccessor(corn, { pid, listeners: listenersOf(addresses) });
    assert.is(await after(98, addresses.toReversed()), SOCKET);
    assert.is(await after(99, addresses), undefined, "it is the same");
    assert.is(await after(98, ["http://127.0.0.1:8000"]), undefined);
    // One that is about to end does not keep the next from being found.
    addSocket(corn, "/tmp/corn-0/50.sock");
    corn.answers = () => Promise.resolve(true);
    assert.is(await after(98, addresses), SOCKET);
  },
);

finding.run();
