import * as assert from "../../support/assert.ts";
import { isLent, lendBytes } from "../../../src/base/lent-bytes.ts";
import { Output } from "../../../src/http/output/output.ts";
import { writeStream } from "../../../src/http/output/send-stream.ts";
import type { Channel } from "../../../src/runtime/transport.ts";
import { suite } from "../../support/suite.ts";

const stream = suite("a stream that is sent");

/** An output to a client that has not taken so many bytes of what was written. */
function outputWith(pending: () => number): Output {
  const channel: Partial<Channel> = { write: () => true, pending };
  return new Output(channel as Channel, {
    now: () => 0,
    clock: () => 0,
    soon: (run) => run(),
    turns: { next: () => Promise.resolve() } as never,
  });
}

/** Sends parts that are lent; gives which of them were given back. */
async function send(
  parts: readonly Uint8Array[],
  output: Output,
): Promise<boolean[]> {
  for (const part of parts) lendBytes(part, () => {});
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const part of parts) controller.enqueue(part);
      controller.close();
    },
  });
  await writeStream(body.getReader(), {
    output,
    begin: () => {},
    chunked: false,
    length: undefined,
  });
  return parts.map((part) => !isLent(part));
}

stream("gives lent memory back once it is out", async () => {
  const parts = [new Uint8Array(300_000), new Uint8Array(5)];
  assert.equal(await send(parts, outputWith(() => 0)), [true, true]);
});

stream("keeps what the client has not taken", async () => {
  const parts = [new Uint8Array(10), new Uint8Array(5)];
  const waiting = [1, 0];
  const output = outputWith(() => waiting.shift() ?? 0);
  assert.equal(await send(parts, output), [false, true]);
});

stream.run();
