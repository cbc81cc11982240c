// runtimes: bun
/** Streams that an app makes under Bun's own server: they leave the loop its turns, and are else as they were. */
import { installTurningStreams } from "../../../adapters/bun/turning-streams.ts";
import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";

const streams = suite("turning streams");

const Own = ReadableStream;
const globals = { ReadableStream: Own };
installTurningStreams(globals);
const Turning = globals.ReadableStream;
// The other tests of this process have the runtime's own.
Object.defineProperty(Own.prototype, "constructor", { value: Own });

/** More parts than are asked for in the time of many turns. */
const MANY = 3_000_000;

streams("parts that are there at once leave timers their turn", async () => {
  let given = 0;
  const stream = new Turning<number>({
    pull(controller) {
      if (given++ < MANY) controller.enqueue(given);
      else controller.close();
    },
  });
  let fired = 0;
  const timer = setInterval(() => fired++, 1);
  let last = 0;
  for await (const part of stream) {
    assert.is(part, last + 1);
    last = part;
    if (fired === 5) break;
  }
  clearInterval(timer);
  assert.is(fired, 5);
  assert.ok(last < MANY);
});

streams("a source keeps its this, and what it knows by itself", async () => {
  class Source {
    #left = 3;
    readonly told: string[] = [];
    start() {
      this.told.push(`start ${this.#left}`);
    }
    pull(controller: ReadableStreamDefaultController<number>) {
      controller.enqueue(this.#left--);
    }
    cancel(reason: unknown) {
      this.told.push(`cancel ${this.#left} ${reason}`);
    }
  }
  const source = new Source();
  const stream = new Turning<number>(source, { highWaterMark: 0 });
  const reader = stream.getReader();
  assert.equal(await reader.read(), { done: false, value: 3 });
  assert.equal(await reader.read(), { done: false, value: 2 });
  await reader.cancel("enough");
  assert.equal(source.told, ["start 3", "cancel 1 enough"]);
});

streams(
  "nothing is asked of a source that was cancelled meanwhile",
  async () => {
    let pulls = 0;
    let told = "";
    const stream = new Turning({
      pull(controller) {
        pulls++;
        controller.enqueue("part");
      },
      cancel: (reason) => void (told = String(reason)),
    }, { highWaterMark: 0 });
    const reader = stream.getReader();
    const end = performance.now() + 5000;
    // Until one waits for its turn.
    let asked = 0;
    let answered = 0;
    do {
      asked++;
      void reader.read().then(() => answered++, () => {});
      for (let turn = 0; turn < 20; turn++) await undefined;
    } while (answered === asked && performance.now() < end);
    assert.is(answered, asked - 1);
    const before = pulls;
    await reader.cancel("gone");
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.is(pulls, before);
    assert.is(told, "gone");
  },
);

streams("they are streams of the runtime's own", async () => {
  const text = new Turning({
    pull(controller) {
      controller.enqueue(new TextEncoder().encode("text"));
      controller.close();
    },
  });
  assert.instance(text, Own);
  assert.instance(text, Turning);
  assert.is(Object.getPrototypeOf(text), Own.prototype);
  assert.is(await new Response(text).text(), "text");
  const bytes = new Turning({
    type: "bytes",
    autoAllocateChunkSize: 16,
    pull(controller) {
      controller.enqueue(new Uint8Array([1, 2]));
      controller.close();
    },
  });
  const reader = bytes.getReader({ mode: "byob" });
  const { value } = await reader.read(new Uint8Array(8));
  assert.equal([...value ?? []], [1, 2]);
  class Heir extends Turning<string> {
    constructor() {
      super({ pull: (controller) => controller.close() });
    }
  }
  assert.instance(new Heir(), Heir);
  assert.equal(await new Heir().getReader().read(), {
    done: true,
    value: undefined,
  });
  // Not every library knows of it.
  const { from } = Turning as unknown as {
    from(parts: readonly unknown[]): unknown;
  };
  assert.instance(from.call(Turning, ["one"]), Own);
  assert.ok(new Turning() instanceof Own);
});

streams("what is refused is refused as before", () => {
  const wrong: unknown[] = [
    { pull: () => {}, start: 1 },
    { pull: () => {}, type: "no type" },
    { pull: 1 },
  ];
  for (const source of wrong) {
    const messageOf = (Class: typeof ReadableStream) => {
      try {
        new Class(source as UnderlyingDefaultSource);
        return "none";
      } catch (error) {
        return (error as Error).message;
      }
    };
    assert.is(messageOf(Turning), messageOf(Own));
    assert.is.not(messageOf(Own), "none");
  }
});

streams("a source that fails does so to its reader", async () => {
  for (const late of [false, true]) {
    const stream = new Turning({
      async pull() {
        if (late) await new Promise((resolve) => setTimeout(resolve, 5));
        throw new Error("broken");
      },
    });
    const [{ status }] = await Promise.allSettled([stream.getReader().read()]);
    assert.is(status, "rejected");
  }
});

streams.run();
