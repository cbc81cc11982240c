import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as assert from "../support/assert.ts";
import type { Outlet, Receiver } from "../../src/runtime/runtime.ts";
import { runtime } from "../support/engine/engine.ts";
import { promises } from "../support/promise.ts";
import {
  receiveStream,
  receiveUdp,
  receiveUnixDatagrams,
} from "../support/log/receiver.ts";
import { until, within } from "../support/wait.ts";

const dial = promises(`Runtime.dial on ${runtime.name}`);

const bytes = (text: string) => new TextEncoder().encode(text);

/** An outlet that remembers what became of it. */
class Probe {
  opened = false;
  shut: { error: Error | undefined } | undefined;
  readonly outlet: Outlet;

  constructor(receiver: Receiver) {
    this.outlet = runtime.dial(receiver, {
      onOpen: () => void (this.opened = true),
      onShut: (error) => {
        assert.is(this.shut, undefined, "onShut comes once");
        this.shut = { error };
      },
    });
  }

  send(text: string): Promise<Error | undefined> {
    return within(
      "the send",
      new Promise((resolve) => this.outlet.send(bytes(text), resolve)),
    );
  }
}

async function open(receiver: Receiver): Promise<Probe> {
  const probe = new Probe(receiver);
  await until("the outlet", () => probe.opened);
  return probe;
}

async function shut(receiver: Receiver): Promise<string> {
  const probe = new Probe(receiver);
  const { error } = await until("the refusal", () => probe.shut);
  probe.outlet.close();
  assert.not(probe.opened);
  return (error as { code?: string }).code ?? String(error);
}

dial("datagrams arrive one by one over UDP", async () => {
  const receiver = await receiveUdp();
  for (const host of ["127.0.0.1", "localhost"]) {
    const probe = await open({ kind: "udp", host, port: receiver.port });
    // A name may lead to ::1, where nobody is.
    if (host === "127.0.0.1") {
      assert.is(await probe.send("one"), undefined);
      assert.is(await probe.send("two\nthree"), undefined);
    }
    probe.outlet.close();
    probe.outlet.close();
  }
  await until("two datagrams", () => receiver.messages.length === 2);
  assert.equal(receiver.messages, ["one", "two\nthree"]);
  await receiver.close();
});

dial(
  "a datagram that is too large is refused, and the next one goes",
  async () => {
    const receiver = await receiveUdp();
    const probe = await open({
      kind: "udp",
      host: "127.0.0.1",
      port: receiver.port,
    });
    const failure = await probe.send("x".repeat(70_000));
    assert.is((failure as { code?: string }).code, "EMSGSIZE");
    assert.is(await probe.send("small"), undefined);
    await until("the small one", () => receiver.messages[0] === "small");
    probe.outlet.close();
    await receiver.close();
  },
);

dial("a name that does not exist is told", async () => {
  const code = await shut({ kind: "udp", host: "no.invalid", port: 9 });
  assert.match(code, /^(ENOTFOUND|EAI_AGAIN)$/);
  const other = await shut({ kind: "tcp", host: "no.invalid", port: 9 });
  assert.match(other, /^(ENOTFOUND|EAI_AGAIN)$/);
});

dial("a stream arrives in order, over TCP and unix sockets", async (lab) => {
  const path = join(lab.folder, "stream");
  const unix = await receiveStream(path);
  const tcp = await receiveStream();
  for (
    const [receiver, to] of [
      [tcp, { kind: "tcp", host: "127.0.0.1", port: tcp.port }],
      [unix, { kind: "unix-stream", path }],
    ] as const
  ) {
    const probe = await open(to);
    assert.is(await probe.send("one "), undefined);
    assert.is(await probe.send("two"), undefined);
    await until("both", () => receiver.text() === "one two");
    receiver.cut();
    await until("the end", () => probe.shut);
    probe.outlet.close();
    await receiver.close();
  }
});

dial("a stream that nobody takes is refused", async (lab) => {
  const receiver = await receiveStream();
  await receiver.close();
  const { port } = receiver;
  assert.is(
    await shut({ kind: "tcp", host: "127.0.0.1", port }),
    "ECONNREFUSED",
  );
  const path = join(lab.folder, "none");
  assert.is(await shut({ kind: "unix-stream", path }), "ENOENT");
});

dial(
  "unix datagrams arrive, or the runtime says that it has none",
  async (lab) => {
    const path = join(lab.folder, "datagrams");
    const to = { kind: "unix-datagram", path } as const;
    lab.forgive(path);
    assert.is(runtime.sendsUnixDatagrams, runtime.name !== "node");
    if (!runtime.sendsUnixDatagrams) {
      return assert.match(await shut(to), /has no unix datagrams/);
    }
    assert.is(await shut(to), "ENOENT");
    const receiver = await receiveUnixDatagrams(path);
    const probe = await open(to);
    assert.is(await probe.send("one"), undefined);
    await until("the first", () => receiver.text() === "one");
    await receiver.close();
    const failure = await probe.send("lost");
    assert.is((failure as { code?: string }).code, "ECONNREFUSED");
    rmSync(path);
    const other = await receiveUnixDatagrams(path);
    assert.is(await probe.send("again"), undefined);
    await until("the second", () => other.text() === "again");
    await other.close();
    probe.outlet.close();
    const stream = join(lab.folder, "stream");
    const wrong = await receiveStream(stream);
    assert.is(
      await shut({ kind: "unix-datagram", path: stream }),
      "EPROTOTYPE",
    );
    await wrong.close();
    assert.not(existsSync(stream));
  },
);

dial("a full unix datagram socket says so at once", async (lab) => {
  if (!runtime.sendsUnixDatagrams) return lab.skip("no unix datagrams");
  const path = join(lab.folder, "datagrams");
  lab.forgive(path);
  const receiver = await receiveUnixDatagrams(path, { reads: false });
  const probe = await open({ kind: "unix-datagram", path });
  let failure: Error | undefined;
  for (let n = 0; n < 5000 && failure === undefined; n++) {
    failure = await probe.send("x".repeat(1000));
  }
  assert.is((failure as { code?: string }).code, "EAGAIN");
  probe.outlet.close();
  await receiver.close();
});

dial("what is closed says nothing more", async () => {
  const probe = new Probe({ kind: "udp", host: "no.invalid", port: 9 });
  probe.outlet.close();
  const stream = new Probe({ kind: "tcp", host: "no.invalid", port: 9 });
  stream.outlet.close();
  stream.outlet.send(bytes("x"), () => assert.unreachable());
  await shut({ kind: "udp", host: "no.invalid", port: 9 });
  assert.is(probe.shut, undefined);
  assert.is(stream.shut, undefined);
});

dial.run();
