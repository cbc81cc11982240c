// runtimes: node24, node26
/** Node's sockets read into one buffer, and are as others once they are handed over. */
import { connect, type Socket } from "node:net";
import * as assert from "../support/assert.ts";
import { createNodeTransport } from "../../adapters/node/transport.ts";
import type { Channel } from "../../src/runtime/transport.ts";
import { promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";

const lend = promises("Lent bytes");

const decoder = new TextDecoder();

/** What a channel told. */
interface Told {
  channel: Channel | undefined;
  text: string;
  readonly memory: Set<unknown>;
  ended: boolean;
  closed: boolean;
}

/** A connection of the transport's, from both sides. */
async function pair(): Promise<{ client: Socket; told: Told; stop(): void }> {
  const told: Told = {
    channel: undefined,
    text: "",
    memory: new Set(),
    ended: false,
    closed: false,
  };
  const address = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;
  const listener = await createNodeTransport().listen(
    { kind: "address", address },
    {
      backlog: 8,
      unixMode: 0o660,
      channelOf: () => told.channel,
      accept(channel) {
        told.channel = channel;
        return {
          onData(bytes) {
            told.text += decoder.decode(bytes);
            told.memory.add(bytes.buffer);
          },
          onDrain() {},
          onEnd: () => void (told.ended = true),
          onClose: () => void (told.closed = true),
        };
      },
    },
  );
  const { port } = listener.address as typeof address;
  const client = connect(port, "127.0.0.1");
  await until("the connection", () => told.channel);
  return {
    client,
    told,
    stop() {
      client.destroy();
      listener.close();
    },
  };
}

lend("all reads share their memory", async () => {
  const { client, told, stop } = await pair();
  assert.ok(told.channel!.lends);
  for (const text of ["one", "two", "x".repeat(200_000)]) {
    const before = told.text;
    client.write(text);
    await until("it to come", () => told.text === before + text);
  }
  assert.is(told.memory.size, 1);
  stop();
});

lend("nothing comes while the channel rests, then all of it", async () => {
  const { client, told, stop } = await pair();
  const { channel } = told;
  client.write("a");
  await until("the first", () => told.text === "a");
  channel!.pause();
  client.write("b");
  // Another connection is heard meanwhile, and that one is not.
  const other = await pair();
  other.client.write("x");
  await until("the other", () => other.told.text === "x");
  assert.is(told.text, "a");
  channel!.resume();
  await until("the rest", () => told.text === "ab");
  client.end("c");
  await until("the end", () => told.text === "abc" && told.ended);
  channel!.end();
  await until("both ends", () => told.closed);
  stop();
  other.stop();
});

lend("a socket that is handed over keeps what it gives", async () => {
  const { client, told, stop } = await pair();
  client.write("head");
  await until("the head", () => told.text === "head");
  const { socket, head } = told.channel!.handOver!(
    new TextEncoder().encode("rest"),
  );
  const parts: Uint8Array[] = [];
  const raw = socket as unknown as Socket;
  raw.on("data", (bytes) => parts.push(bytes));
  const all = () => parts.map((one) => decoder.decode(one)).join();
  client.write("one");
  await until("the first", () => all() === "one");
  const other = await pair();
  other.client.write("not of this one");
  await until("the other", () => other.told.text !== "");
  client.write("two");
  await until("the second", () => all() === "one,two");
  assert.is(decoder.decode(head), "rest");
  raw.pause();
  client.write("three");
  raw.resume();
  await until("the third", () => all() === "one,two,three");
  assert.is(told.text, "head");
  let ended = false;
  raw.on("end", () => ended = true);
  client.end();
  await until("the end", () => ended);
  raw.end();
  await until("both ends", () => told.closed);
  stop();
  other.stop();
});

lend.run();
