import {
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import * as assert from "../support/assert.ts";
import type { Address } from "../../src/runtime/runtime.ts";
import { runtime } from "../support/engine/engine.ts";
import { freePort, takePort } from "../support/machine/ports.ts";
import { promises } from "../support/promise.ts";
import { skip } from "../support/suite.ts";

const listen = promises(`Runtime.listen on ${runtime.name}`);

const ONE = { queues: 1, reusePort: false, backlog: 128, unixMode: 0o600 };
const THREE = { ...ONE, queues: 3 };

function tcp(port: number, host = "127.0.0.1"): Address {
  return { kind: "tcp", host, port };
}

/** What a descriptor of this process is. */
function linkOf(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return ""; // That of the listing itself.
  }
}

/** How many descriptors a listener of so many queues has. */
function held(queues: number): number {
  return runtime.holdsListeners ? queues : 0;
}

listen("opens as many queues as it is asked for", async () => {
  for (const options of [ONE, THREE, { ...ONE, reusePort: true }]) {
    const listener = await runtime.listen(tcp(0), options);
    assert.is(listener.queues.length, held(options.queues));
    assert.is(new Set(listener.queues).size, listener.queues.length);
    const { address } = listener;
    assert.ok(
      address.kind === "tcp" && address.port > 0,
      "port 0 is a real one",
    );
    listener.close();
    listener.close();
  }
});

listen("grow() adds queues to a group, and no other", async ({ skip }) => {
  if (!runtime.holdsListeners) return skip("workers bind for themselves");
  const options = { ...ONE, reusePort: true };
  const listener = await runtime.listen(tcp(0), options);
  const [first] = listener.queues;
  await listener.grow?.(3);
  assert.is(listener.queues.length, 3);
  assert.is(new Set(listener.queues).size, 3);
  assert.is(listener.queues[0], first);
  await listener.grow?.(2);
  assert.is(listener.queues.length, 3);
  listener.close();
  assert.is(listener.queues.length, 0);
});

listen("opens a port that was named, and frees it", async () => {
  const port = await freePort();
  for (const options of [ONE, THREE, ONE]) {
    const listener = await runtime.listen(tcp(port), options);
    assert.equal(listener.address, tcp(port));
    listener.close();
  }
});

listen(
  "refuses a port that an arbiter has and nobody listens on yet",
  async () => {
    if (!runtime.holdsListeners) {
      return skip("this runtime holds no listeners");
    }
    const port = await freePort();
    const listener = await runtime.listen(tcp(port), THREE);
    for (const options of [THREE, { ...ONE, reusePort: true }]) {
      try {
        (await runtime.listen(tcp(port), options)).close();
        assert.unreachable();
      } catch (error) {
        assert.is((error as { code?: string }).code, "EADDRINUSE");
      }
    }
    listener.close();
    (await runtime.listen(tcp(port), THREE)).close();
  },
);

listen("opens IPv6 and a name", async () => {
  const six = await runtime.listen(tcp(0, "::1"), THREE);
  assert.is(six.queues.length, held(3));
  six.close();
  const name = await runtime.listen(tcp(0, "localhost"), THREE);
  assert.ok(name.address.kind === "tcp" && name.address.port > 0);
  name.close();
});

listen("refuses a port in use, also one that a group shares", async () => {
  for (const group of [false, true]) {
    const taken = await takePort({ group });
    for (const options of [ONE, THREE, { ...ONE, reusePort: true }]) {
      try {
        (await runtime.listen(tcp(taken.port), options)).close();
        assert.unreachable(`group: ${group}, queues: ${options.queues}`);
      } catch (error) {
        assert.is(
          (error as { code?: string }).code,
          "EADDRINUSE",
          String(error),
        );
      }
    }
    await taken.close();
  }
});

listen("refuses an address that this machine has not", async () => {
  try {
    await runtime.listen(tcp(0, "192.0.2.1"), ONE);
    assert.unreachable();
  } catch (error) {
    assert.is(
      (error as { code?: string }).code,
      "EADDRNOTAVAIL",
      String(error),
    );
  }
});

listen(
  "opens a unix socket with its mode, and removes it",
  async ({ folder, skip }) => {
    if (!runtime.holdsListeners) {
      return skip(
        "workers make unix sockets themselves",
      );
    }
    const path = join(folder, "corn.sock");
    const listener = await runtime.listen({ kind: "unix", path }, ONE);
    assert.equal(listener.address, { kind: "unix", path });
    assert.is(listener.queues.length, 1);
    assert.ok(statSync(path).isSocket());
    assert.is(statSync(path).mode & 0o777, 0o600);
    listener.close();
    assert.not.ok(existsSync(path));
  },
);

listen("inherit() takes sockets over, and closes them", async ({ skip }) => {
  if (!runtime.holdsListeners) {
    return skip("workers open their sockets themselves");
  }
  const made = await runtime.listen(tcp(0), THREE);
  // What it had is the one's who takes it over; closing here is not called.
  const taken = runtime.inherit(made.address, made.queues);
  assert.is(taken.queues.length, 3);
  assert.equal(taken.address, made.address);
  const inodes = taken.queues.map((queue) =>
    readlinkSync(`/proc/self/fd/${queue}`)
  );
  assert.ok(inodes.every((inode) => inode.startsWith("socket:")));
  taken.close();
  taken.close();
  const left = readdirSync("/proc/self/fd").map(linkOf);
  assert.not.ok(inodes.some((inode) => left.includes(inode)));
});

listen(
  "leaves a name to whoever has it when the listener closes",
  async ({ folder, skip, forgive }) => {
    if (!runtime.holdsListeners) {
      return skip("workers make unix sockets themselves");
    }
    const path = join(folder, "corn.sock");
    forgive(path);
    const listener = await runtime.listen({ kind: "unix", path }, ONE);
    rmSync(path);
    writeFileSync(path, "another's");
    listener.close();
    assert.is(readFileSync(path, "utf8"), "another's");
  },
);

listen("opens an abstract name once", async ({ skip, mark }) => {
  if (!runtime.holdsListeners) {
    return skip("workers make unix sockets themselves");
  }
  const address: Address = { kind: "unix", path: `@corn-${mark}` };
  const listener = await runtime.listen(address, ONE);
  assert.equal(listener.address, address);
  try {
    (await runtime.listen(address, ONE)).close();
    assert.unreachable();
  } catch (error) {
    assert.is((error as { code?: string }).code, "EADDRINUSE", String(error));
  }
  listener.close();
  (await runtime.listen(address, ONE)).close();
});

listen("answers() tells whether somebody accepts", async ({ folder }) => {
  const taken = await takePort();
  assert.is(await runtime.answers(tcp(taken.port)), true);
  await taken.close();
  assert.is(await runtime.answers(tcp(taken.port)), false);

  const path = join(folder, "other.sock");
  assert.is(await runtime.answers({ kind: "unix", path }), false);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen({ path }, resolve));
  assert.is(await runtime.answers({ kind: "unix", path }), true);
  await new Promise((resolve) => server.close(resolve));
  assert.is(await runtime.answers({ kind: "unix", path }), false);
});

listen.run();
