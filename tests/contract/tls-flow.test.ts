/** What goes over TLS connections of the wire engine: as over plain ones. */
import { Buffer } from "node:buffer";
import { spawn } from "node:child_process";
import process from "node:process";
import type { Address, TlsMaterial } from "../../src/runtime/runtime.ts";
import * as assert from "../support/assert.ts";
import { makeCertificates } from "../support/certificates.ts";
import { connectSecure } from "../support/client/secure.ts";
import { promises } from "../support/promise.ts";
import { sleep, until, within } from "../support/wait.ts";

process.env.TEST_HTTP = "wire";
const { runtime, serveEngine } = await import("../support/engine/engine.ts");

const flow = promises(`what the wire engine sends over TLS on ${runtime.name}`);
const { ca, server } = makeCertificates();

const tls: TlsMaterial = {
  ...server,
  names: [],
  clientCertificates: "none",
  minVersion: "1.2",
};

type Query = Parameters<typeof serveEngine>[0];

function serve(
  fetch: (request: Request) => Response | Promise<Response>,
  more: Partial<Query> = {},
): ReturnType<typeof serveEngine> {
  const source = runtime.holdsListeners ? "descriptor" : "address";
  return serveEngine({ source, tls, fetch, ...more });
}

const PART = new Uint8Array(64 * 1024).fill(7);

/** So many bytes as a stream; `sent` counts those that were asked for. */
function streamOf(
  size: number,
  sent: { bytes: number } = { bytes: 0 },
): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull(controller) {
      if (sent.bytes >= size) return controller.close();
      sent.bytes += PART.length;
      controller.enqueue(PART);
    },
  }, { highWaterMark: 0 });
}

flow("large bodies come whole, both ways", async () => {
  const size = 24 * 1024 * 1024;
  await using served = await serve(async (request) => {
    if (request.method === "GET") return new Response(streamOf(size));
    let bytes = 0;
    for await (const part of request.body ?? []) bytes += part.length;
    return new Response(String(bytes));
  });
  const { client } = await connectSecure(served.target, { ca });
  const answer = await client.request("/", { ms: 30_000 });
  assert.equal(answer.body.length, size);
  const body = Buffer.alloc(size, 1);
  const counted = await client.request("/", {
    ...{ method: "POST", body, ms: 30_000 },
  });
  assert.equal(counted.text, String(size));
  client.close();
});

flow("a slow reader holds the app's stream", async () => {
  const sent = { bytes: 0 };
  const size = 32 * 1024 * 1024;
  await using served = await serve(() => new Response(streamOf(size, sent)));
  const { port } = served.address as Address & { kind: "tcp" };
  // Deno's own clients read on while they are paused.
  const client = spawn("openssl", [
    ...["s_client", "-quiet", "-connect", `127.0.0.1:${port}`],
  ], { stdio: ["pipe", "pipe", "ignore"] });
  client.stdin.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  await until("a stream that stands", async () => {
    const before = sent.bytes;
    await sleep(300);
    return before > 0 && sent.bytes === before;
  });
  assert.ok(sent.bytes < size / 2);
  let came = 0;
  client.stdout.on("data", (bytes: Uint8Array) => came += bytes.length);
  await until("the rest", () => came > size, 30_000);
  client.kill();
});

flow("a body that nobody reads is not read on", async () => {
  const gate = Promise.withResolvers<void>();
  await using served = await serve(async (request) => {
    await gate.promise;
    return new Response(String((await request.arrayBuffer()).byteLength));
  });
  const { client, socket } = await connectSecure(served.target, { ca });
  const size = 32 * 1024 * 1024;
  client.send("/", { method: "POST", body: Buffer.alloc(size) });
  await sleep(500);
  assert.ok(socket.writableLength > 0);
  gate.resolve();
  assert.equal((await client.answer({ ms: 30_000 })).text, String(size));
  client.close();
});

flow("a client that has sent its end is answered", async () => {
  await using served = await serve(async () => {
    await sleep(100);
    return new Response("late");
  });
  const { client, socket } = await connectSecure(served.target, { ca });
  client.send("/");
  socket.end();
  assert.equal((await client.answer()).text, "late");
  await client.closed();
});

flow("an answer that breaks off has no clean end", async () => {
  await using served = await serve(() =>
    new Response(
      new ReadableStream({
        async start(controller) {
          controller.enqueue(PART);
          await sleep(100);
          controller.error(new Error("broken"));
        },
      }),
    )
  );
  const { client } = await connectSecure(served.target, { ca });
  const failed = await client.request("/").then(() => false, () => true);
  assert.ok(failed);
  assert.equal(client.open, false);
});

flow("a client that leaves ends its request", async () => {
  const left = Promise.withResolvers<void>();
  await using served = await serve((request) => {
    request.signal.addEventListener("abort", () => left.resolve());
    return new Promise(() => {});
  });
  const { client, socket } = await connectSecure(served.target, { ca });
  client.send("/");
  await sleep(200);
  socket.destroy();
  await within("the abort", left.promise, 3000);
});

flow("an idle connection ends by its time, with the end of TLS", async () => {
  await using served = await serve(() => new Response("ok"), {
    keepAliveMs: 300,
  });
  const { client } = await connectSecure(served.target, { ca });
  assert.equal((await client.request("/")).status, 200);
  await client.closed(3000);
  const closing = await connectSecure(served.target, { ca });
  const answer = await closing.client.request("/", {
    headers: { connection: "close" },
  });
  assert.ok(answer.closes);
  await closing.client.closed(3000);
});

flow("a drain answers what is open, and lets handshakes end", async () => {
  const gate = Promise.withResolvers<void>();
  await using served = await serve(async () => {
    await gate.promise;
    return new Response("done");
  });
  const { client } = await connectSecure(served.target, { ca });
  client.send("/");
  await sleep(100);
  const drained = served.engine.drain();
  gate.resolve();
  const answer = await client.answer();
  assert.equal(answer.text, "done");
  assert.ok(answer.closes);
  await client.closed();
  await within("the drain", drained, 5000);
});

flow(
  "a socket that was released lets handshakes wait for another",
  async () => {
    await using served = await serve(() => new Response("ok"));
    if (served.descriptor === undefined) return;
    if (!served.engine.release(served.descriptor)) return;
    const waiting = connectSecure(served.target, { ca });
    let over = false;
    void waiting.then(() => over = true);
    await sleep(300);
    assert.equal(over, false);
    await served.engine.open({
      kind: "descriptor",
      descriptor: served.descriptor,
      address: served.address,
      secure: true,
    });
    const { client } = await waiting;
    assert.equal((await client.request("/")).text, "ok");
    client.close();
  },
);

flow("what a proxy says before TLS is believed", async () => {
  const seen: string[] = [];
  const query = {
    proxyRules: { versions: "v1" as const, allowFrom: ["127.0.0.1"] },
  };
  await using served = await serve((request) => {
    seen.push(request.url);
    return new Response("ok");
  }, {
    ...query,
    observer: {
      needs: {
        target: true,
        requestHeaders: false,
        responseHeaders: false,
        bytes: false,
        peer: true,
      },
      onEnd({ peer }) {
        seen.push(peer?.kind === "tcp" ? peer.address : "none");
      },
    },
  });
  const { client } = await connectSecure(served.target, {
    ca,
    preface: "PROXY TCP4 192.0.2.7 192.0.2.8 4711 443\r\n",
  });
  assert.equal((await client.request("/a")).text, "ok");
  client.close();
  await until("an exchange", () => seen.length === 2);
  assert.equal(seen, ["https://test/a", "192.0.2.7"]);
  const without = await connectSecure(served.target, { ca })
    .then(() => "in", () => "out");
  assert.equal(without, "out");
});

flow.run();
