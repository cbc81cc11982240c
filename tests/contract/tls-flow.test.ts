/** What goes over TLS connections of the wire engine: as over plain ones. */
import { Buffer } from "node:buffer";
import { spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import process from "node:process";
import type { Address, TlsMaterial } from "../../src/runtime/runtime.ts";
import type { Channel } from "../../src/runtime/transport.ts";
import type { TLSSocket } from "node:tls";
import { WireRequest } from "../../src/http/web/request.ts";
import { readAccessFormat } from "../../src/log/access/access-format.ts";
import { HANDSHAKE, masked } from "../support/client/frames.ts";
import * as assert from "../support/assert.ts";
import { makeCertificates } from "../support/certificates.ts";
import { connectSecure } from "../support/client/secure.ts";
import { promises } from "../support/promise.ts";
import { sleep, until, within } from "../support/wait.ts";

process.env.TEST_HTTP = "wire";
const { runtime, serveEngine } = await import("../support/engine/engine.ts");

const flow = promises(
  `what the wire engine sends over TLS on ${runtime.name}`,
  "openssl",
);
const { ca, server, client } = makeCertificates();

const HELLO = new TextEncoder().encode("hello");

/** The part of Deno that upgrades. */
interface Upgrading {
  upgradeWebSocket(
    request: Request,
  ): { readonly socket: WebSocket; readonly response: Response };
}

const tls: TlsMaterial = {
  ...server,
  names: [],
  clientCertificates: "none",
  minVersion: "1.2",
};

type Query = Parameters<typeof serveEngine>[0];

function serve(
  fetch: (request: Request, env: unknown) => Response | Promise<Response>,
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
  await sleep(2000);
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
  const { client, socket } = await connectSecure(served.target, { ca });
  client.send("/");
  await sleep(100);
  const drained = served.engine.drain();
  gate.resolve();
  const answer = await client.answer();
  assert.equal(answer.text, "done");
  assert.ok(answer.closes);
  await client.closed();
  // A client that keeps its half is waited for, some seconds.
  socket.end();
  await within("the drain", drained, 15_000);
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

/** The header of a proxy, as each version writes it. */
const PREFACES = {
  v1: "PROXY TCP4 192.0.2.7 192.0.2.8 4711 443\r\n",
  v2: Buffer.concat([
    Buffer.from("0d0a0d0a000d0a515549540a2111000c", "hex"),
    Buffer.from([192, 0, 2, 7, 192, 0, 2, 8, 0x12, 0x67, 0x01, 0xbb]),
  ]),
};

for (const versions of ["v1", "v2"] as const) {
  flow(
    `what a proxy says before TLS is believed: ${versions}`,
    () => believe(versions),
  );
}

async function believe(versions: "v1" | "v2"): Promise<void> {
  const seen: string[] = [];
  const query = { proxyRules: { versions, allowFrom: ["127.0.0.1"] } };
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
    preface: PREFACES[versions],
  });
  assert.equal((await client.request("/a")).text, "ok");
  client.close();
  await until("an exchange", () => seen.length === 2);
  assert.equal(seen, ["https://test/a", "192.0.2.7"]);
  const without = await connectSecure(served.target, { ca })
    .then(() => "in", () => "out");
  assert.equal(without, "out");
}

flow("the access log tells of TLS", async () => {
  const format = readAccessFormat(
    '%({SSL_PROTOCOL}x)s "%({SSL_TLS_SNI}x)s" %({SSL_CLIENT_VERIFY}x)s %({SSL_CLIENT_S_DN}x)s %({SSL_CLIENT_SAN}x)s %({SSL_CLIENT_FINGERPRINT}x)s',
  );
  const lines: string[] = [];
  await using served = await serve(() => new Response("ok"), {
    tls: { ...tls, ca, clientCertificates: "optional" },
    observer: {
      needs: format.needs,
      onEnd: (exchange) =>
        void lines.push(format.line(exchange, undefined as never)),
    },
  });
  for (const pair of [client, {}]) {
    const secure = await connectSecure(served.target, { ca, ...pair });
    assert.equal((await secure.client.request("/")).text, "ok");
    secure.client.close();
  }
  await until("two lines", () => lines.length === 2);
  const { fingerprint256 } = new X509Certificate(client.cert);
  assert.equal(lines, [
    `TLSv1.3 "localhost" SUCCESS CN=client DNS:client.example ${fingerprint256}`,
    'TLSv1.3 "localhost" NONE - - -',
  ]);
});

flow("a WebSocket is as one without TLS", async () => {
  if (runtime.name === "node") return; // See the test below.
  const { Deno } = globalThis as unknown as { Deno?: Upgrading };
  await using served = await serve((request, env) => {
    if (Deno === undefined) {
      (env as { upgrade(request: Request): void }).upgrade(request);
      return undefined as never;
    }
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onmessage = ({ data }) => socket.send(data);
    return response;
  }, {
    websocket: {
      message: (socket: WebSocket, data: string) => socket.send(data),
    },
  });
  const { client } = await connectSecure(served.target, { ca });
  const answer = await client.request("/", {
    ...{ headers: HANDSHAKE, upgraded: true },
  });
  assert.equal(answer.status, 101);
  client.write(masked(1, "hello"));
  assert.equal(await client.take(7), new Uint8Array([0x81, 5, ...HELLO]));
  client.close();
});

flow("a socket that is handed over speaks on", async () => {
  if (runtime.name !== "node") return; // It has none to give.
  const { engine, sockets } = await takingSockets();
  await using served = engine;
  const { client } = await connectSecure(served.target, { ca });
  client.send("/", { headers: HANDSHAKE });
  await until("the socket", () => sockets.length === 1);
  const [given] = sockets as [{ socket: TLSSocket }];
  assert.ok(given.socket.encrypted);
  given.socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n");
  assert.equal((await client.answer({ upgraded: true })).status, 101);
  given.socket.on("data", (bytes: Uint8Array) => given.socket.write(bytes));
  client.write("hello");
  assert.equal(await client.take(5), new Uint8Array(HELLO));
  client.close();
});

/** An engine whose app takes the socket of each request. */
async function takingSockets() {
  const sockets: unknown[] = [];
  const engine = await serve((request) => {
    const { channel } = WireRequest.exchangeOf(request) as unknown as {
      channel: Channel;
    };
    sockets.push(channel.handOver?.(new Uint8Array(0)));
    return new Promise<Response>(() => {});
  });
  return { engine, sockets };
}

flow.run();
