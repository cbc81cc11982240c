import { removeDeadSockets } from "../../../src/base/addresses/dead-sockets.ts";
import type { SocketNames } from "../../../src/base/addresses/dead-sockets.ts";
import * as assert from "../../support/assert.ts";
import { FakeRuntime, systemError } from "../../support/fake/runtime.ts";
import { suite } from "../../support/suite.ts";

const dead = suite("removeDeadSockets()");

const PATTERN = /^corn\.(\d+)\.sock$/;

/** Removes the dead sockets of /run, where those in `answering` alone accept connections; gives the paths that are left. */
async function left(
  runtime: FakeRuntime,
  names: SocketNames = { pattern: PATTERN },
  answering: readonly string[] = [],
): Promise<string[]> {
  runtime.answers = (address) =>
    Promise.resolve(
      address?.kind === "unix" && answering.includes(address.path),
    );
  await removeDeadSockets("/run", names, runtime);
  return [...runtime.files.texts.keys()];
}

function machine(...names: string[]): FakeRuntime {
  const runtime = new FakeRuntime();
  for (const name of names) runtime.files.texts.set(`/run/${name}`, "");
  runtime.pids.add(7);
  return runtime;
}

dead("those of processes that are gone go, and no others", async () => {
  const runtime = machine(
    "corn.7.sock",
    "corn.8.sock",
    "corn.9.sock",
    "8.sock",
  );
  assert.equal(
    await left(runtime, undefined, ["/run/corn.9.sock"]),
    // A process of another container is not seen, and answers.
    ["/run/corn.7.sock", "/run/corn.9.sock", "/run/8.sock"],
  );
  assert.equal(await left(new FakeRuntime()), [], "there is no such folder");
});

dead("a file may stand for a socket elsewhere, or for none", async () => {
  const names: SocketNames = {
    pattern: PATTERN,
    socketOf: (file) => file === "/run/corn.8.sock" ? "/tmp/8" : undefined,
  };
  const files = ["corn.8.sock", "corn.9.sock"];
  assert.equal(await left(machine(...files), names, ["/tmp/8"]), [
    "/run/corn.8.sock",
  ]);
  assert.equal(await left(machine(...files), names), []);
});

dead("what is another user's stays, and the others go", async () => {
  const runtime = machine("corn.8.sock", "corn.9.sock");
  runtime.files.failures.set("remove /run/corn.8.sock", systemError("EPERM"));
  assert.equal(await left(runtime), ["/run/corn.8.sock"]);
});

dead.run();
