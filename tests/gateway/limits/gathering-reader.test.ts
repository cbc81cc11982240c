import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { GatheringReader } from "../../../src/gateway/limits/gathering-reader.ts";
import { FakeClock, settle } from "../../support/fake/runtime.ts";

const gathering = suite("GatheringReader");

/** A body whose pieces come by hand, so many bytes that are its number. */
function body() {
  const clock = new FakeClock();
  let source!: ReadableStreamDefaultController<Uint8Array>;
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => void (source = controller),
  });
  let number = 0;
  return {
    clock,
    reader: new GatheringReader(stream.getReader(), clock),
    give(...sizes: number[]) {
      for (const size of sizes) {
        source.enqueue(new Uint8Array(size).fill(++number));
      }
    },
    end: () => source.close(),
    fail: (error: Error) => source.error(error),
  };
}

gathering("small pieces are one, in order, a millisecond at most", async () => {
  const { clock, reader, give, end } = body();
  give(1, 2);
  let read: Uint8Array | undefined;
  void reader.read().then((piece) => read = piece);
  await settle();
  give(1);
  await settle();
  assert.is(read, undefined, "more may come");
  clock.pass(1);
  await settle();
  assert.equal([...read ?? []], [1, 2, 2, 3]);
  // What comes later belongs to the next one.
  give(1);
  const next = reader.read();
  end();
  assert.equal([...await next ?? []], [4]);
  assert.is(await reader.read(), undefined);
  assert.equal(clock.due(), []);
});

gathering("a large piece is given as it is, and ends what waits", async () => {
  const { clock, reader, give } = body();
  give(2048, 2047, 2048);
  assert.is((await reader.read())?.byteLength, 2048);
  assert.is(clock.set, 0, "nothing was waited for");
  assert.is((await reader.read())?.byteLength, 2047);
  assert.is((await reader.read())?.byteLength, 2048);
  assert.equal(clock.due(), []);
});

gathering("no more than 64 KiB are put together", async () => {
  const { reader, give, end } = body();
  give(...Array<number>(100).fill(1024));
  end();
  const first = await reader.read() ?? new Uint8Array();
  assert.equal([first.byteLength, first.at(-1)], [64 * 1024, 64]);
  const rest = await reader.read() ?? new Uint8Array();
  assert.equal([rest.byteLength, rest[0]], [36 * 1024, 65]);
});

gathering("a failure comes behind what was read before it", async () => {
  const { reader, give, fail } = body();
  give(3);
  const first = reader.read();
  await settle();
  fail(new Error("the client left"));
  assert.is((await first)?.byteLength, 3);
  await reader.read().then(
    () => assert.unreachable(),
    ({ message }: Error) => assert.is(message, "the client left"),
  );
});

gathering.run();
