// runtimes: node24, node26
/** Text that goes out past a socket's stream is in its place, waited for, and ends as all else does. */
import process from "node:process";
import { connect, type Socket } from "node:net";
import * as assert from "../support/assert.ts";
import { pusher } from "../../adapters/node/push.ts";
import { createNodeTransport } from "../../adapters/node/transport.ts";
import type { Channel } from "../../src/runtime/transport.ts";
import { promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";

const push = promises("Pushed text");

/** More than the kernel keeps for a client that reads nothing. */
const TEXT = "abcdefgh".repeat(2048);

/** A connection of the transport's, from both sides; the client reads once it is told to. */
async function pair() {
  const told = { drains: 0, closed: false };
  let channel: Channel | undefined;
  const address = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;
  const listener = await createNodeTransport().listen(
    { kind: "address", address },
    {
      backlog: 8,
      unixMode: 0o660,
      channelOf: () => channel,
      accept(accepted) {
        channel = accepted;
        return {
          onData() {},
          onDrain: () => void told.drains++,
          onEnd() {},
          onClose: () => void (told.closed = true),
        };
      },
    },
  );
  const { port } = listener.address as typeof address;
  const client: Socket = connect(port, "127.0.0.1");
  await until("the connection", () => channel);
  const got: string[] = [];
  const read = () =>
    client.setEncoding("latin1").on("data", (text) => got.push(String(text)));
  return {
    ...{ client, told, read, channel: channel! },
    text: () => got.join(""),
    stop() {
      client.destroy();
      listener.close();
    },
  };
}

/** Writes until the client takes no more; gives all that was written. */
function fill(channel: Channel): string {
  for (let all = TEXT;; all += TEXT) {
    if (!channel.write(TEXT)) return all;
  }
}

push("Node 24 has need of it", () => {
  assert.is(pusher() !== undefined, process.version.startsWith("v24."));
});

push("text, bytes and text come in their order", async () => {
  const { channel, read, text, stop } = await pair();
  read();
  const bytes = new TextEncoder().encode("bytes ");
  assert.ok(channel.write("one \xe9 "));
  assert.ok(channel.write("two "));
  channel.write("three ", bytes);
  channel.write("four ");
  channel.write("five ", bytes, "six ");
  channel.write("seven");
  await until("all", () => text().endsWith("seven"));
  assert.is(text(), "one \xe9 two three bytes four five bytes six seven");
  assert.is(channel.pending(), 0);
  stop();
});

push("a slow client is waited for, and gets all in its order", async () => {
  const { channel, told, read, text, stop } = await pair();
  for (let round = 0; round < 3; round++) {
    const before = text();
    const drains = told.drains;
    const all = fill(channel);
    assert.ok(channel.pending() > 0);
    channel.write("between", new Uint8Array([65, 66]));
    channel.write("the rest");
    assert.is(told.drains, drains);
    if (round === 0) read();
    const wanted = `${before}${all}betweenABthe rest`;
    await until("all", () => text().length === wanted.length);
    assert.ok(text() === wanted);
    await until("the drain", () => told.drains > drains);
    assert.is(channel.pending(), 0);
  }
  stop();
});

push("the end follows what waits", async () => {
  const { channel, client, told, read, text, stop } = await pair();
  const all = fill(channel);
  channel.end();
  assert.not(channel.write("too late"));
  let ended = false;
  client.on("end", () => ended = true);
  read();
  await until("the end", () => ended);
  assert.ok(text() === all);
  await until("both ends", () => told.closed);
  stop();
});

push("a reset takes what waits with it, after an end too", async () => {
  for (const ends of [false, true]) {
    const { channel, client, told, read, stop } = await pair();
    fill(channel);
    if (ends) channel.end();
    let failed = "";
    client.on("error", (error) => failed = (error as { code?: string }).code!);
    channel.cut(true);
    await until("the end here", () => told.closed);
    read();
    await until("the reset", () => failed);
    assert.is(failed, "ECONNRESET");
    stop();
  }
});

push("a client that is gone is told of once", async () => {
  const { channel, client, told, stop } = await pair();
  const drains = told.drains;
  client.resetAndDestroy();
  await until("a write that fails", () => !channel.write("x"));
  await until("the end", () => told.closed);
  assert.is(told.drains, drains);
  assert.not(channel.write("x"));
  stop();
});

push("a client that goes while something waits is told of once", async () => {
  const { channel, client, told, stop } = await pair();
  fill(channel);
  client.resetAndDestroy();
  await until("the end", () => told.closed);
  assert.is(told.drains, 0);
  stop();
});

push("what is handed over while something waits keeps its order", async () => {
  const { channel, told, read, text, stop } = await pair();
  const all = fill(channel);
  const { socket } = channel.handOver!(new Uint8Array(0));
  (socket as unknown as Socket).end("the app's");
  read();
  await until("all", () => text().length === all.length + 9);
  assert.ok(text() === `${all}the app's`);
  assert.is(told.drains, 0);
  stop();
});

push.run();
