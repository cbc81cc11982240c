/** What every adapter's transport promises of a connection's bytes. */
import process from "node:process";
import { reset } from "../support/client/client.ts";
import { Buffer } from "node:buffer";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { once } from "node:events";
import * as assert from "../support/assert.ts";
import type { Source } from "../../src/runtime/runtime.ts";
import type {
  Channel,
  ChannelEvents,
  TransportListener,
} from "../../src/runtime/transport.ts";
import { runtime } from "../support/engine/engine.ts";
import { promises } from "../support/promise.ts";
import { sleep, until } from "../support/wait.ts";

const channels = promises(`A channel on ${runtime.name}`);

/** A connection as the server sees it. */
interface Seen extends ChannelEvents {
  readonly channel: Channel;
  /** All that came, and what happened. */
  text: string;
  drains: number;
  readonly events: string[];
}

interface Bench extends Disposable {
  readonly listener: TransportListener;
  readonly seen: Seen[];
  /** A connection, from both ends. */
  open(): Promise<{ client: Socket; server: Seen }>;
}

async function listen(
  kind: Source["kind"],
  changed: (seen: Seen) => Partial<ChannelEvents> = () => ({}),
): Promise<Bench> {
  const address = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;
  const common = { queues: 1, reusePort: false, backlog: 128, unixMode: 0o600 };
  let source: Source = { kind: "address", address };
  if (kind === "descriptor") {
    const held = await runtime.listen(address, common);
    const descriptor = held.queues[0] as number;
    source = { kind, descriptor, address: held.address };
  }
  const seen: Seen[] = [];
  const listener = await (await runtime.loadTransport()).listen(source, {
    ...common,
    channelOf: () => undefined,
    accept(channel) {
      const one: Seen = {
        channel,
        text: "",
        drains: 0,
        events: [],
        onData: (bytes) => {
          one.text += Buffer.from(bytes).toString("latin1");
        },
        onDrain: () => void one.drains++,
        onEnd: () => void one.events.push("end"),
        onClose: () => void one.events.push("close"),
      };
      seen.push(one);
      return { ...one, ...changed(one) };
    },
  });
  const { port } = listener.address as { port: number };
  const clients: Socket[] = [];
  return {
    listener,
    seen,
    async open() {
      const client = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
      clients.push(client.on("error", () => {}));
      const before = seen.length;
      await once(client, "connect");
      await until("the connection", () => seen.length > before);
      return { client, server: seen.at(-1) as Seen };
    },
    [Symbol.dispose]() {
      listener.close();
      for (const client of clients) client.destroy();
      for (const { channel } of seen) channel.cut(false);
    },
  };
}

/** Reads what the server sends to its end, or to its reset. */
function readAll(client: Socket): Promise<{ text: string; reset: boolean }> {
  const pieces: Buffer[] = [];
  client.on("data", (piece) => void pieces.push(piece as Buffer));
  client.resume();
  return new Promise((resolve) => {
    const tell = (reset: boolean) =>
      resolve({ text: Buffer.concat(pieces).toString("latin1"), reset });
    client.on("end", () => tell(false));
    client.on("error", () => tell(true));
  });
}

const sources: Source["kind"][] = runtime.holdsListeners
  ? ["descriptor", "address"]
  : ["address"];

for (const source of sources) {
  const promise = (name: string, body: Parameters<typeof channels>[1]) =>
    channels(`from a ${source}: ${name}`, body);

  promise("text and bytes come as they were written", async () => {
    using bench = await listen(source);
    const { client, server } = await bench.open();
    const all = readAll(client);
    const { channel } = server;
    let expected = "";
    const bytes = (size: number) =>
      Uint8Array.from({ length: size }, (_, at) => at * 7 + size);
    const write = (text: string, part?: Uint8Array, after?: string) => {
      expected += text + (part ? Buffer.from(part).toString("latin1") : "") +
        (after ?? "");
      channel.write(text, part, after);
    };
    write("plain");
    write("ÿé\u0080");
    write("", bytes(10));
    write("", bytes(10).subarray(3, 7));
    write("before é", bytes(300), "after é");
    for (const size of [20_000, 100_000, 400_000]) {
      write("é", bytes(size), "\r\n");
      write("", bytes(size).subarray(1));
      write("é".repeat(size));
    }
    channel.end();
    assert.is((await all).text, expected);
  });

  promise("a slow client gets all, and the server knows of it", async () => {
    using bench = await listen(source);
    const { client, server } = await bench.open();
    const { channel } = server;
    client.pause();
    // More than the system takes for a client that does not read.
    const part = new Uint8Array(16 * 1024 * 1024).fill(120);
    assert.is(channel.write("<", part, ">"), false);
    assert.is(channel.write("<", part, ">"), false);
    assert.ok(channel.pending() > 0);
    assert.is(server.drains, 0);
    const all = readAll(client);
    await until("the drain", () => server.drains > 0);
    assert.is(channel.pending(), 0);
    channel.end();
    // A difference of this size could not be shown.
    assert.ok((await all).text === `<${"x".repeat(part.length)}>`.repeat(2));
    assert.equal(server.events, []);
    client.end();
    await until("the close", () => server.events.includes("close"));
  });

  promise(
    "what is lent is sent as it was, however slow the client",
    async ({ skip }) => {
      using bench = await listen(source);
      const { client, server } = await bench.open();
      const { channel } = server;
      if (channel.writeLent === undefined) {
        return skip("all that is written is kept");
      }
      client.pause();
      const lent = new Uint8Array(64 * 1024);
      let letters = "";
      // More than the system takes for a client that does not read.
      for (let count = 0; count < 300; count++) {
        lent.fill(97 + count % 26);
        const size = count % 3 === 0 ? 100 : lent.length;
        letters += String.fromCharCode(97 + count % 26).repeat(size);
        channel.writeLent(lent, size);
      }
      lent.fill(33);
      assert.ok(channel.pending() > 0);
      const all = readAll(client);
      channel.end();
      // A difference of this size could not be shown.
      assert.ok((await all).text === letters);
      assert.is(channel.writeLent(lent, 1), false, "after its end");
    },
  );

  promise(
    "little parts that wait take no more time than many bytes",
    async () => {
      using bench = await listen(source);
      const { client, server } = await bench.open();
      const { channel } = server;
      client.pause();
      const before = process.cpuUsage();
      let expected = "";
      for (let count = 0; count < 12_000; count++) {
        const letter = String.fromCharCode(97 + count % 26);
        channel.write("", Buffer.alloc(1000, letter));
        if (count % 3 === 0) channel.write("<>");
        expected += letter.repeat(1000) + (count % 3 === 0 ? "<>" : "");
      }
      const all = readAll(client);
      channel.end();
      // A difference of this size could not be shown.
      assert.ok((await all).text === expected);
      const { user, system } = process.cpuUsage(before);
      const seconds = (user + system) / 1e6;
      assert.ok(seconds < 5, `${seconds} s of processor time`);
    },
  );

  promise("a channel that is given to another tells that all", async () => {
    using bench = await listen(source);
    const { client, server } = await bench.open();
    const { channel } = server;
    client.write("one");
    await until("the first", () => server.text === "one");
    const told: string[] = [];
    assert.ok(channel.giveTo !== undefined);
    channel.giveTo({
      onData: (bytes) => void told.push(Buffer.from(bytes).toString()),
      onDrain() {},
      onEnd: () => void told.push("end"),
      onClose: () => void told.push("close"),
    });
    client.end("two");
    await until("the end", () => told.length === 2);
    channel.cut(false);
    await until("the close", () => told.length === 3);
    assert.equal(told, ["two", "end", "close"]);
    assert.equal([server.text, ...server.events], ["one"]);
  });

  promise("a pause holds back what comes", async () => {
    using bench = await listen(source, (seen) => ({
      onData(bytes) {
        seen.text += Buffer.from(bytes).toString("latin1");
        if (seen.text === "one") seen.channel.pause();
      },
    }));
    const { client, server } = await bench.open();
    client.write("one");
    await until("the first", () => server.text === "one");
    client.write("two");
    // What should not come can only be waited for.
    await sleep(50);
    assert.is(server.text, "one");
    server.channel.resume();
    await until("the second", () => server.text === "onetwo");
    server.channel.pause();
    server.channel.resume();
    client.write("three");
    await until("the third", () => server.text === "onetwothree");
  });

  promise("who sends no more is still sent the rest", async () => {
    using bench = await listen(source);
    const { client, server } = await bench.open();
    const all = readAll(client);
    client.end("all");
    await until("the end", () => server.events.length > 0);
    assert.equal([server.text, ...server.events], ["all", "end"]);
    server.channel.write("an", Buffer.from("sw"), "er");
    server.channel.end();
    assert.equal(await all, { text: "answer", reset: false });
    await until("the close", () => server.events.length === 2);
  });

  promise("a cut is an end or a reset, and is told once", async () => {
    using bench = await listen(source);
    for (const reset of [false, true]) {
      const { client, server } = await bench.open();
      const all = readAll(client);
      server.channel.cut(reset);
      server.channel.cut(reset);
      // Nothing of it comes through, and nothing fails.
      server.channel.write("late");
      server.channel.pause();
      server.channel.resume();
      server.channel.end();
      assert.equal(await all, { text: "", reset });
      await until("the close", () => server.events.length > 0);
      assert.equal(server.events, ["close"]);
    }
  });

  promise(
    "a cut ends a connection at whatever moment of its own end",
    async () => {
      using bench = await listen(source);
      for (let turns = 0; turns < 10; turns++) {
        const { client, server } = await bench.open();
        client.resume();
        client.on("error", () => {});
        server.channel.write("last");
        server.channel.end();
        for (let turn = 0; turn < turns; turn++) {
          await new Promise<void>((resolve) => process.nextTick(resolve));
        }
        server.channel.cut(true);
        await until("the close", () => server.events.length > 0);
        assert.is(server.events[0], "close", `after ${turns} turns`);
      }
    },
  );

  promise("a client that resets is told of, paused or not", async () => {
    using bench = await listen(source);
    for (const size of [0, 64 * 1024 * 1024]) {
      const { client, server } = await bench.open();
      // What it will never take.
      if (size > 0) server.channel.write("", new Uint8Array(size));
      reset(client);
      await until("the close", () => server.events.includes("close"));
      assert.is(server.channel.write("late"), false);
    }
  });

  promise("many that come and go are all served", async () => {
    using bench = await listen(source, (seen) => ({
      onData(bytes) {
        seen.channel.write("", new Uint8Array(bytes));
      },
      onEnd: () => seen.channel.end(),
    }));
    const { port } = bench.listener.address as { port: number };
    const one = async (number: number) => {
      const client = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
      const all = readAll(client);
      client.end(`client ${number}`);
      assert.is((await all).text, `client ${number}`);
    };
    for (let round = 0; round < 5; round++) {
      await Promise.all(Array.from({ length: 60 }, (_, at) => one(at)));
    }
    await until("all to be gone", () =>
      bench.seen.length === 300 &&
      bench.seen.every(({ events }) => events.includes("close")));
  });
}

channels.run();
