import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import {
  LATE_LINGER_MS,
  LINGER_MS,
  LingeringClose,
  UNREAD_LINGER_MS,
} from "../../../src/http/connection/lingering-close.ts";
import type { LingerOptions } from "../../../src/http/connection/lingering-close.ts";
import type { Channel } from "../../../src/runtime/transport.ts";

const lingering = suite("LingeringClose");
const MEGABYTE = 2 ** 20;

/** A connection that has its last answer with the kernel. */
function begin(
  { hurried = false, blocked = false, lingerMs = LINGER_MS } = {},
) {
  const done: string[] = [];
  const output = { blocked, busy: blocked, flush: () => done.push("flush") };
  let now = 0;
  const close = new LingeringClose(
    {
      end: () => done.push("end"),
      cut: (reset: boolean) => done.push(reset ? "reset" : "cut"),
    } as unknown as Channel,
    {
      output: output as unknown as LingerOptions["output"],
      lingerMs,
      hurried: () => hurried,
      now: () => now,
    },
  );
  return {
    close,
    done,
    output,
    wait(ms: number) {
      now += ms;
      close.check(now);
    },
  };
}

lingering("listens to a client that is silent for two seconds", () => {
  const { done, wait } = begin();
  wait(1999);
  assert.equal(done, ["flush", "end"]);
  wait(1);
  assert.equal(done, ["flush", "end", "cut"]);
});

lingering("listens to one that had its time for a quarter of a second", () => {
  for (const sends of [false, true]) {
    const { close, done, wait } = begin({ lingerMs: LATE_LINGER_MS });
    wait(249);
    assert.equal(done, ["flush", "end"]);
    if (sends) close.ignore(1);
    wait(1);
    assert.equal(done, ["flush", "end", "cut"]);
  }
});

lingering("listens longer to one whose request was not read", () => {
  const { done, wait } = begin({ lingerMs: UNREAD_LINGER_MS });
  wait(UNREAD_LINGER_MS - 1);
  assert.equal(done, ["flush", "end"]);
  wait(1);
  assert.equal(done, ["flush", "end", "cut"]);
});

lingering("listens to one that sends for half a minute", () => {
  const { close, done, wait } = begin();
  for (let second = 1; second < 30; second++) {
    close.ignore(1);
    wait(1000);
  }
  assert.equal(done, ["flush", "end"]);
  close.ignore(1);
  wait(1000);
  assert.equal(done, ["flush", "end", "cut"]);
});

lingering(
  "listens no longer than to a silent one where it is to end soon",
  () => {
    const { close, done, wait } = begin({ hurried: true });
    close.ignore(1);
    wait(1999);
    assert.equal(done, ["flush", "end"]);
    close.ignore(1);
    wait(1);
    assert.equal(done, ["flush", "end", "cut"]);
  },
);

lingering("reads 64 MiB that nobody wants, and no more", () => {
  const { close } = begin();
  for (let read = 0; read < 64; read++) close.ignore(MEGABYTE);
  assert.not.ok(close.deaf);
  close.ignore(1);
  assert.ok(close.deaf);
});

lingering(
  "sends the end when the answer is out, and counts from then on",
  () => {
    const { close, done, output, wait } = begin({ blocked: true });
    wait(60_000);
    assert.equal(done, ["flush"]);
    output.blocked = output.busy = false;
    close.end();
    wait(1999);
    assert.equal(done, ["flush", "end"]);
    wait(1);
    assert.equal(done, ["flush", "end", "cut"]);
  },
);

lingering.run();
