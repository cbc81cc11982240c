import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { Sender } from "../../src/outbox/sender.ts";
import type { SenderOptions } from "../../src/outbox/sender.ts";
import type { Receiver } from "../../src/runtime/runtime.ts";
import {
  type FakeOutlet,
  FakeRuntime,
  settle,
  systemError,
} from "../support/fake/runtime.ts";

const sender = suite("Sender");

const udp: Receiver = { kind: "udp", host: "127.0.0.1", port: 514 };
const tcp: Receiver = { kind: "tcp", host: "logs", port: 601 };
const bytes = (text: string) => new TextEncoder().encode(text);

function start(given: Partial<SenderOptions> = {}) {
  const runtime = new FakeRuntime();
  const reports: string[] = [];
  const one = new Sender({
    runtime,
    receivers: [udp],
    what: "syslog",
    room: 1000,
    report: (text) => reports.push(text),
    ...given,
  });
  return {
    runtime,
    reports,
    sender: one,
    send: (...texts: string[]) =>
      texts.forEach((text) => one.send(bytes(text))),
    outlet: (n = -1) => runtime.outlets.at(n) as FakeOutlet,
    async open() {
      runtime.outlets.at(-1)?.events.onOpen();
      await settle();
    },
    async pass(ms: number) {
      runtime.clock.pass(ms);
      await settle();
    },
  };
}

sender("send() keeps what cannot go out until the outlet is open", async () => {
  const { send, open, outlet } = start();
  send("one", "two");
  assert.equal(outlet().texts(), []);
  await open();
  assert.equal(outlet().texts(), ["one", "two"]);
});

sender(
  "send() gives a stream many messages at once, each time the last ones are taken",
  async () => {
    const { send, open, outlet } = start({ receivers: [tcp], room: 1e6 });
    send("one ", "two ", "three");
    await open();
    assert.equal(outlet().texts(), ["one two three"]);
    outlet().takes = false;
    send("a", "b", "c");
    assert.equal(outlet().texts().slice(1), ["a"]);
    outlet().sent.at(-1)?.told();
    assert.equal(outlet().texts().slice(1), ["a", "bc"]);
    outlet().sent.at(-1)?.told();
    const half = "x".repeat(40_000);
    send(half, half, half);
    assert.is(outlet().sent.length, 4);
    outlet().sent.at(-1)?.told();
    assert.is(outlet().texts().at(-1)?.length, 40_000);
  },
);

sender("frame() says how a message is written on a stream", async () => {
  const frame = (message: Uint8Array) => bytes(`${message.length} `);
  const stream = start({ receivers: [tcp], frame });
  stream.send("one", "three");
  await stream.open();
  assert.equal(stream.outlet().texts(), ["3 5 "]);
  const datagrams = start({ frame });
  datagrams.send("one");
  await datagrams.open();
  assert.equal(datagrams.outlet().texts(), ["one"]);
});

sender(
  "a receiver that is gone is told once, and tried again after longer and longer waits",
  async () => {
    const { runtime, reports, outlet, send, open, pass } = start();
    const waits: number[] = [];
    for (let n = 0; n < 10; n++) {
      outlet().events.onShut(systemError("ECONNREFUSED"));
      const [due = 0] = runtime.clock.due();
      waits.push(due - runtime.clock.passed());
      assert.is(runtime.outlets.length, n + 1);
      await pass(due - runtime.clock.passed());
    }
    assert.equal(waits, [
      250,
      500,
      1000,
      2000,
      4000,
      8000,
      16000,
      30000,
      30000,
      30000,
    ]);
    assert.equal(reports, [
      "Cannot send syslog to udp://127.0.0.1:514: nobody listens there; trying again",
    ]);
    await open();
    send("one");
    await settle();
    assert.is(reports.length, 1);
    await pass(1000);
    assert.equal(reports.slice(1), [
      "Sending syslog to udp://127.0.0.1:514 again: 0 messages lost",
    ]);
    outlet().events.onShut(systemError("ECONNREFUSED"));
    await pass(250);
    assert.is(runtime.outlets.length, 12);
    assert.is(runtime.outlets.filter(({ closed }) => !closed).length, 1);
  },
);

sender(
  "a receiver that is gone again at once is not told of twice",
  async () => {
    const { runtime, reports, outlet, send, open, pass } = start();
    for (let n = 0; n < 5; n++) {
      await open();
      send("x");
      await settle();
      await pass(500);
      outlet().events.onShut(systemError("ECONNREFUSED"));
      const [due = 0] = runtime.clock.due();
      await pass(due - runtime.clock.passed());
    }
    assert.is(reports.length, 1);
    await open();
    send("x");
    await settle();
    await pass(1001);
    assert.match(reports[1] as string, /again: 5 messages lost$/);
  },
);

sender(
  "what there is no room for is dropped and counted, the first ones stay",
  async () => {
    const { sender, reports, send, outlet, open, pass } = start({ room: 200 });
    send("1", "2", "3", "4", "5");
    assert.is(sender.lost, 2);
    await open();
    assert.equal(outlet().texts(), ["1", "2", "3"]);
    await pass(1000);
    assert.equal(reports, [
      "Sending syslog to udp://127.0.0.1:514: 2 messages lost",
    ]);
    send("5");
    await pass(5000);
    assert.is(reports.length, 1);
  },
);

sender(
  "what a broken stream had not taken goes out again on the next",
  async () => {
    const { send, open, outlet, pass } = start({ receivers: [tcp] });
    await open();
    outlet().takes = false;
    send("one ", "two ");
    outlet().sent[0]?.told();
    outlet().events.onShut(undefined);
    send("three");
    await pass(300);
    await open();
    assert.equal(outlet().texts(), ["two three"]);
  },
);

sender(
  "a receiver that has no room is asked again, and given up after ten seconds",
  async () => {
    const { runtime, reports, send, open, outlet, pass } = start();
    await open();
    outlet().takes = false;
    send("one", "two");
    outlet().sent[0]?.told(systemError("EAGAIN"));
    await pass(20);
    assert.equal(outlet().texts(), ["one", "one"]);
    outlet().sent[1]?.told();
    assert.equal(outlet().texts(), ["one", "one", "two"]);
    for (let n = 2; reports.length === 0 && n < 1000; n++) {
      outlet().sent[n]?.told(systemError("EAGAIN"));
      await pass(20);
    }
    assert.equal(reports, [
      "Cannot send syslog to udp://127.0.0.1:514: it reads nothing; trying again",
    ]);
    assert.ok(runtime.clock.passed() > 10_000);
  },
);

sender("a stream that takes nothing for ten seconds is given up", async () => {
  const { reports, send, open, outlet, pass } = start({ receivers: [tcp] });
  await open();
  outlet().takes = false;
  send("one");
  await pass(9999);
  assert.equal(reports, []);
  await pass(1);
  assert.match(reports[0] as string, /tcp:\/\/logs:601: it reads nothing/);
});

sender("one that does not answer is given up as well", async () => {
  const { reports, pass } = start({ receivers: [tcp] });
  await pass(10_000);
  assert.match(reports[0] as string, /it does not answer; trying again/);
});

sender("a message that is too large is lost alone", async () => {
  const { sender, send, open, outlet } = start();
  await open();
  outlet().takes = false;
  send("large", "small");
  outlet().sent[0]?.told(systemError("EMSGSIZE"));
  assert.equal(outlet().texts(), ["large", "small"]);
  assert.is(sender.lost, 1);
});

sender("a socket of another kind is tried as what it may be", async () => {
  const path = "/dev/log";
  const { reports, runtime, outlet, open, send } = start({
    receivers: [
      { kind: "unix-datagram", path },
      { kind: "unix-stream", path },
    ],
    hint: "it takes neither",
  });
  outlet().events.onShut(systemError("EPROTOTYPE"));
  assert.is(outlet().receiver.kind, "unix-stream");
  await open();
  send("one");
  assert.equal(outlet().texts(), ["one"]);
  assert.equal(reports, []);
  outlet().events.onShut(undefined);
  runtime.clock.pass(300);
  assert.is(outlet().receiver.kind, "unix-datagram");
  outlet().events.onShut(systemError("EPROTOTYPE"));
  outlet().events.onShut(systemError("EPROTOTYPE"));
  assert.match(reports[0] as string, /#stream: it ended the stream/);
});

sender("the hint says what to do where it is none of them", () => {
  const { reports, outlet } = start({
    receivers: [{ kind: "unix-stream", path: "/dev/log" }],
    hint: "it takes datagrams",
  });
  outlet().events.onShut(systemError("EPROTOTYPE"));
  assert.equal(reports, [
    "Cannot send syslog to unix:///dev/log#stream: it takes datagrams; trying again",
  ]);
});

sender(
  "a name is looked up again each minute, and datagrams go where it leads",
  async () => {
    const { runtime, send, open, outlet, pass } = start({
      receivers: [{ ...udp, host: "stats.internal" }],
    });
    await open();
    const first = outlet();
    await pass(60_000);
    assert.is(runtime.outlets.length, 2);
    send("still there");
    assert.equal(first.texts(), ["still there"]);
    outlet().events.onShut(systemError("ENOTFOUND"));
    await pass(60_000);
    assert.is(runtime.outlets.length, 3);
    await open();
    assert.ok(first.closed);
    send("moved");
    assert.equal(outlet().texts(), ["moved"]);
    assert.is(runtime.outlets.filter(({ closed }) => !closed).length, 1);
  },
);

sender("an address is not looked up", async () => {
  for (const host of ["127.0.0.1", "::1"]) {
    const { runtime, open } = start({ receivers: [{ ...udp, host }] });
    await open();
    assert.equal(runtime.clock.due(), []);
  }
});

sender("flush() resolves when everything is out", async () => {
  const { sender, send, open, outlet, runtime } = start();
  await open();
  await sender.flush(1000);
  outlet().takes = false;
  send("one", "two");
  let done = false;
  void sender.flush(1000).then(() => done = true);
  outlet().sent[0]?.told();
  await settle();
  assert.not(done);
  outlet().sent[1]?.told();
  await settle();
  assert.ok(done);
  sender.close();
  assert.equal(runtime.clock.due(), []);
});

sender(
  "flush() tries once more where the receiver is gone, and waits no longer than it may",
  async () => {
    const { sender, send, outlet, runtime } = start();
    outlet().events.onShut(systemError("ECONNREFUSED"));
    send("one");
    let done = 0;
    void sender.flush(1000).then(() => done++);
    assert.is(runtime.outlets.length, 2);
    await settle();
    assert.is(done, 0);
    outlet().events.onShut(systemError("ECONNREFUSED"));
    await settle();
    assert.is(done, 1);
    void sender.flush(1000).then(() => done++);
    runtime.clock.pass(1000);
    await settle();
    assert.is(done, 2);
  },
);

sender(
  "close() says what is lost, leaves no timer and sends no more",
  async () => {
    const { sender, send, reports, open, outlet, runtime } = start();
    outlet().events.onShut(systemError("ECONNREFUSED"));
    send("one", "two");
    sender.close();
    sender.close();
    send("three");
    assert.equal(reports.slice(1), [
      "Ended with 2 messages lost: udp://127.0.0.1:514 did not take them",
    ]);
    assert.equal(runtime.clock.due(), []);
    assert.ok(outlet().closed);
    await sender.flush(1000);
    await open();
    assert.equal(outlet().texts(), []);
  },
);

sender("a stream is given up by a write that is not over in time", async () => {
  const { reports, send, open, outlet, pass } = start({ receivers: [tcp] });
  await open();
  await pass(60_000);
  assert.equal(reports, [], "nothing is waited for");
  outlet().takes = false;
  send("one");
  await pass(9999);
  outlet().sent[0]?.told();
  await pass(9999);
  assert.equal(reports, []);
});

sender(
  "a name that no longer answers leaves the old outlet alone",
  async () => {
    const { sender, runtime, send, open, outlet, pass } = start({
      receivers: [{ ...udp, host: "stats.internal" }],
    });
    await open();
    const [first] = runtime.outlets as FakeOutlet[];
    await pass(60_000);
    // Its look is over only with the next one.
    await pass(60_000);
    assert.equal(runtime.outlets.map(({ closed }) => closed), [
      ...[false, true, false],
    ]);
    runtime.outlets[1]?.events.onOpen();
    send("one");
    assert.equal(first?.texts(), ["one"], "what comes late is nothing");
    sender.close();
    assert.ok(outlet().closed);
    assert.equal(runtime.clock.due(), []);
  },
);

sender(
  "a name that leads elsewhere is looked up on, once a minute",
  async () => {
    const { sender, runtime, open, outlet, pass } = start({
      receivers: [{ ...udp, host: "stats.internal" }],
    });
    await open();
    for (let looks = 1; looks <= 3; looks++) {
      await pass(60_000);
      await open();
      assert.is(runtime.outlets.length, looks + 1);
      await pass(1);
    }
    await pass(60_000);
    const [used, look] = runtime.outlets.slice(-2) as FakeOutlet[];
    assert.equal([used?.closed, look?.closed], [false, false]);
    sender.close();
    look?.events.onOpen();
    assert.equal([used?.closed, outlet().closed], [true, true]);
    assert.equal(runtime.clock.due(), [], "what opens late is nothing");
  },
);

sender("what another outlet has not reported goes out once more", async () => {
  const { send, open, outlet, pass } = start({
    receivers: [{ ...udp, host: "stats.internal" }],
  });
  await open();
  outlet().takes = false;
  send("one", "two");
  await pass(60_000);
  outlet().takes = false;
  outlet().events.onOpen();
  assert.equal(outlet().texts(), ["one"]);
  outlet().sent[0]?.told();
  assert.equal(outlet().texts(), ["one", "two"]);
});

sender("a receiver that has room again within ten seconds stays", async () => {
  for (const code of ["EAGAIN", "ENOBUFS", "ENOMEM"]) {
    const { reports, send, open, outlet, pass } = start();
    await open();
    outlet().takes = false;
    send("one", "two");
    for (let n = 0; n < 2; n++) {
      for (let turn = 0; turn < 400; turn++) {
        const { length } = outlet().sent;
        outlet().sent.at(-1)?.told(systemError(code));
        await pass(19);
        assert.is(outlet().sent.length, length, "not at once");
        await pass(1);
      }
      // Eight seconds, twice: it took something between.
      outlet().sent.at(-1)?.told();
      await settle();
    }
    assert.equal(reports, []);
  }
});

sender("a datagram that a socket took before is lost with it", async () => {
  for (const [receiver, lost] of [[udp, 1], [tcp, 0]] as const) {
    const { sender, send, open, outlet, pass } = start({
      receivers: [receiver],
    });
    outlet().events.onShut(systemError("ECONNREFUSED"));
    assert.is(sender.lost, 0, "it was not open");
    await pass(300);
    await open();
    send("one");
    await settle();
    outlet().events.onShut(systemError("ECONNREFUSED"));
    assert.is(sender.lost, lost);
  }
});

sender("close() gives up what is waited for at once", async () => {
  const { sender, send, open, outlet, reports } = start();
  await open();
  outlet().takes = false;
  send("one");
  let done = false;
  void sender.flush(1000).then(() => done = true);
  sender.close();
  await settle();
  assert.ok(done);
  assert.equal(reports, [
    "Ended with 1 message lost: udp://127.0.0.1:514 did not take them",
  ]);
});

sender.run();
