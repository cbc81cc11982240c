// runtimes: node24, node26, deno
/** The body of a Response that is no stream passes for one, wherever the runtime takes one. */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { text } from "node:stream/consumers";
import { inspect } from "node:util";
import { ContentStream } from "../../../src/http/web/content-stream.ts";
import { LightResponse } from "../../../src/http/web/light-response.ts";
import * as assert from "../../support/assert.ts";
import { promises } from "../../support/promise.ts";

const streams = promises("ContentStream");

type Stream = ReadableStream<Uint8Array<ArrayBuffer>>;

function made(content: string = "héllo"): Stream {
  return new ContentStream(content) as unknown as Stream;
}

const readings: Readonly<Record<string, (stream: Stream) => Promise<string>>> =
  {
    "a reader": async (stream) => {
      const reader = stream.getReader();
      const { value } = await reader.read();
      assert.is((await reader.read()).done, true);
      await reader.closed;
      return new TextDecoder().decode(value);
    },
    "a reader that takes it": async (stream) => {
      const reader = new ReadableStreamDefaultReader(stream);
      assert.is(stream.locked, true);
      const { value } = await reader.read();
      reader.releaseLock();
      assert.is(stream.locked, false);
      return new TextDecoder().decode(value);
    },
    "a reader with a buffer": async (stream) => {
      const reader = stream.getReader({ mode: "byob" });
      const { value } = await reader.read(new Uint8Array(64));
      assert.is((await reader.read(new Uint8Array(8))).done, true);
      return new TextDecoder().decode(value);
    },
    "a loop": async (stream) => {
      let all = "";
      for await (const part of stream) all += new TextDecoder().decode(part);
      return all;
    },
    "its values": async (stream) => {
      const parts: Uint8Array[] = [];
      for await (const part of stream.values({ preventCancel: true })) {
        parts.push(part);
      }
      return new TextDecoder().decode(parts[0]);
    },
    "a pipe": async (stream) => {
      const packed = stream.pipeThrough(new CompressionStream("gzip"))
        .pipeThrough(new DecompressionStream("gzip"));
      return await new Response(packed).text();
    },
    "a sink": async (stream) => {
      let all = "";
      await stream.pipeTo(
        new WritableStream({
          write: (part) => {
            all += new TextDecoder().decode(part);
          },
        }),
      );
      return all;
    },
    "two of it": async (stream) => {
      const [one, other] = stream.tee();
      assert.is(stream.locked, true);
      assert.is(await new Response(one).text(), "héllo");
      return await new Response(other).text();
    },
    "the runtime's own Response": (stream) => new Response(stream).text(),
    "the runtime's own Request": (stream) =>
      new Request("http://a/", {
        ...{ method: "POST", body: stream, duplex: "half" },
      } as RequestInit).text(),
    "a stream of Node's": async (stream) => {
      const parts: Uint8Array[] = [];
      const readable = Readable.fromWeb(
        stream as unknown as Parameters<typeof Readable.fromWeb>[0],
      );
      for await (const part of readable) parts.push(part);
      return String(Buffer.concat(parts));
    },
    "a consumer of Node's": (stream) => text(stream as unknown as Readable),
    "a pipeline of Node's": async (stream) => {
      let all = "";
      await pipeline(
        stream as unknown as Readable,
        async (source: AsyncIterable<Uint8Array>) => {
          for await (const part of source) {
            all += new TextDecoder().decode(part);
          }
        },
      );
      return all;
    },
  };

for (const [name, read] of Object.entries(readings)) {
  streams(`is read by ${name}`, async () => {
    const stream = made();
    assert.ok(stream instanceof ReadableStream);
    assert.is(stream.locked, false);
    assert.is(ContentStream.content(stream), "héllo");
    assert.is(await read(stream), "héllo");
    assert.is(ContentStream.content(stream), undefined);
    assert.ok(ContentStream.isTouched(stream as unknown as ContentStream));
  });
}

streams(
  "is known until it is locked, and again when it is let go",
  async () => {
    const stream = made();
    const reader = stream.getReader();
    await new Promise((resolve) => setTimeout(resolve, 0));
    assert.is(ContentStream.content(stream), undefined);
    assert.throws(() => stream.getReader(), /lock/i);
    reader.releaseLock();
    assert.is(ContentStream.content(stream), "héllo");
  },
);

streams("is known no more once it was cancelled", async () => {
  const stream = made();
  const cancelling = stream.cancel();
  assert.instance(cancelling, Promise);
  await cancelling;
  assert.is(ContentStream.content(stream), undefined);
  assert.is((await stream.getReader().read()).done, true);
});

streams(
  "ends for a reader with a buffer, though nothing is in it",
  async () => {
    const reader = made("").getReader({ mode: "byob" });
    assert.is((await reader.read(new Uint8Array(8))).done, true);
  },
);

streams("gives a single byte", async () => {
  assert.is(await new Response(made("a")).text(), "a");
});

streams("looks like one", () => {
  assert.is(String(made()), "[object ReadableStream]");
  assert.is(made().constructor.name, "ReadableStream");
  assert.match(inspect(made()), /^ReadableStream/);
});

streams("a read that is given up before its turn is one", async () => {
  const response = new LightResponse("héllo");
  const reader = response.body!.getReader();
  const read = reader.read();
  reader.releaseLock();
  await read.catch(() => {});
  assert.is(response.bodyUsed, true);
  assert.is(ContentStream.content(response.body), undefined);
  const [{ status }] = await Promise.allSettled([response.text()]);
  assert.is(status, "rejected");
  // One that took a reader alone was not read.
  const other = new LightResponse("héllo");
  other.body!.getReader().releaseLock();
  assert.is(other.bodyUsed, false);
  assert.is(await other.text(), "héllo");
});

streams.run();
