import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";
import { settle } from "../../support/fake/clock.ts";
import { encodeFrame, KINDS } from "../../../src/tasks/frame.ts";
import { TaskConnection } from "../../../src/worker/tasks/connection.ts";
import type { Channel } from "../../../src/runtime/transport.ts";

const connection = suite("TaskConnection");

connection(
  "waits for its caller where a task has replaced Promise",
  async () => {
    const channel = { write: () => false } as unknown as Channel;
    const call = new TaskConnection(channel, { onFrame() {}, onClose() {} });
    const { Promise: own } = globalThis;
    // As bluebird's, which has no withResolvers().
    globalThis.Promise = class Bluebird {} as unknown as PromiseConstructor;
    let drained: Promise<void> | undefined;
    try {
      drained = call.send(KINDS.end, undefined);
    } finally {
      globalThis.Promise = own;
    }
    call.onDrain();
    assert.is(await drained, undefined);
  },
);

/** A connection, what is done with its channel, and what its host is told. */
function start() {
  const done: (string | number)[] = [];
  const told: string[] = [];
  const state = { takes: true };
  const channel = {
    write(_text: string, bytes: Uint8Array) {
      done.push(bytes.length);
      return state.takes;
    },
    end: () => void done.push("end"),
    cut: (reset: boolean) => void done.push(`cut ${reset}`),
  } as unknown as Channel;
  const call = new TaskConnection(channel, {
    onFrame: (_, { value }) => void told.push(`frame ${value}`),
    onClose: () => void told.push("close"),
  });
  call.onLeave = () => void told.push("leave");
  return { call, done, told, state };
}

connection("reads frames until it is closed", () => {
  const { call, told, done } = start();
  const say = (value: string) => {
    for (const piece of encodeFrame(KINDS.call, value)) call.onData(piece);
  };
  say("one");
  call.onEnd();
  say("two");
  call.onClose();
  call.cut();
  assert.equal(told, ["frame one", "leave", "close"]);
  assert.equal([done, call.closed], [["cut false"], true]);
});

connection("is cut by what is no frame", () => {
  const { call, told, done } = start();
  call.onData(new Uint8Array(9));
  assert.equal([done, told], [["cut false"], ["leave", "close"]]);
});

connection("sends what the kernel takes, and waits for the rest", async () => {
  const { call, done, state } = start();
  assert.is(call.send(KINDS.value, 1), undefined);
  assert.is(call.send(KINDS.value, new Uint8Array(0)), undefined);
  assert.is(done.length, 2, "nothing is no piece");
  state.takes = false;
  const [first, second] = [call.send(KINDS.chunk, 2), call.send(KINDS.end, 3)];
  assert.ok(first instanceof Promise && first === second);
  let free = false;
  void first.then(() => free = true);
  await settle();
  assert.not(free);
  call.onDrain();
  await settle();
  assert.ok(free);
  assert.throws(() => call.send(KINDS.value, new Map()), /Cannot send a Map/);
});

connection(
  "sends nothing once its caller is gone, and ends nothing",
  async () => {
    const { call, done, state } = start();
    state.takes = false;
    const waits = call.send(KINDS.chunk, 1);
    call.onClose();
    assert.is(await waits, undefined, "it waits no more");
    const { length } = done;
    assert.is(call.send(KINDS.value, 1), undefined);
    call.end();
    assert.is(done.length, length);
    const other = start();
    other.call.end();
    assert.equal(other.done, ["end"]);
  },
);

connection.run();
