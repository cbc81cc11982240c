/** Clients that trouble the wire engine's TLS. */
import { Buffer } from "node:buffer";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import process from "node:process";
import type { TlsMaterial } from "../../src/runtime/runtime.ts";
import { tlsOf } from "../../src/http/connection/tls-of.ts";
import { readAccessFormat } from "../../src/log/access/access-format.ts";
import * as assert from "../support/assert.ts";
import { makeCertificates } from "../support/certificates.ts";
import { spokenCiphers, VERSIONS } from "../support/client/ciphers.ts";
import { typeInto } from "../support/client/openssl.ts";
import { connectSecure } from "../support/client/secure.ts";
import { promises } from "../support/promise.ts";
import { sleep, until, within } from "../support/wait.ts";

process.env.TEST_HTTP = "wire";
const { runtime, serveEngine } = await import("../support/engine/engine.ts");

const attack = promises(`attacks on the TLS of ${runtime.name}`, "openssl");
const made = makeCertificates();
const { ca } = made;

const tls: TlsMaterial = {
  ...made.server,
  names: [],
  clientCertificates: "none",
  minVersion: "1.2",
};

type Query = Parameters<typeof serveEngine>[0];
type Served = Awaited<ReturnType<typeof serveEngine>>;

function serve(more: Partial<Query> = {}): Promise<Served> {
  return serveEngine({
    source: runtime.holdsListeners ? "descriptor" : "address",
    tls,
    fetch: () => new Response("ok"),
    ...more,
  });
}

function portOf({ address }: Served): number {
  return address.kind === "tcp" ? address.port : 0;
}

async function assertServes({ target }: Served): Promise<void> {
  const { client } = await connectSecure(target, { ca });
  assert.equal((await client.request("/")).text, "ok");
  client.close();
}

/** A client's first flight, as this runtime writes it. */
async function helloFor(servername: string): Promise<Buffer> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const hello = new Promise<Buffer>((resolve) =>
    server.once("connection", (socket: Socket) => {
      socket.on("error", () => {});
      socket.once("data", (bytes: Buffer) => {
        socket.destroy();
        resolve(bytes);
      });
    })
  );
  const client = connectTls({ port, host: "127.0.0.1", servername });
  client.on("error", () => {});
  const bytes = await hello;
  client.destroy();
  server.close();
  return bytes;
}

/** The same with another name, of any length and bytes. */
function withName(hello: Buffer, name: Buffer, other: Buffer): Buffer {
  const at = hello.indexOf(name);
  assert.ok(at > 0);
  const more = other.length - name.length;
  const bytes = Buffer.concat([
    hello.subarray(0, at),
    other,
    hello.subarray(at + name.length),
  ]);
  const add = (offset: number) =>
    bytes.writeUInt16BE(bytes.readUInt16BE(offset) + more, offset);
  // The record, the message, and the name in its list in its extension.
  add(3);
  bytes.writeUIntBE(bytes.readUIntBE(6, 3) + more, 6, 3);
  for (const back of [2, 5, 7]) add(at - back);
  add(extensionsOf(bytes));
  return bytes;
}

/** Where the length of all extensions stands. */
function extensionsOf(hello: Buffer): number {
  let at = 5 + 4 + 2 + 32;
  at += 1 + hello.readUInt8(at);
  at += 2 + hello.readUInt16BE(at);
  return at + 1 + hello.readUInt8(at);
}

/** Writes some bytes and tells how long the server keeps the connection. */
function keptFor(port: number, bytes: Uint8Array): Promise<number> {
  const begun = performance.now();
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    socket.on("error", () => {}).resume();
    socket.once("close", () => resolve(performance.now() - begun));
  });
}

attack("handshakes that stand are cut, and counted until then", async () => {
  const most = 60;
  await using served = await serve({
    limits: { headerMs: 1500 },
    connections: most + 5,
  });
  const hello = await helloFor("localhost");
  const { client } = await connectSecure(served.target, { ca });
  const stalled = Promise.all(
    Array.from({ length: most }, (_, number) =>
      keptFor(
        portOf(served),
        [hello.subarray(0, 0), hello.subarray(0, 100), hello][
          number % 3
        ] as Uint8Array,
      )),
  );
  let asked = 0;
  let over = false;
  void stalled.then(() => over = true);
  while (!over) {
    assert.equal((await client.request("/")).text, "ok");
    asked++;
    await sleep(10);
  }
  client.close();
  for (const ms of await stalled) assert.ok(ms > 1000 && ms < 8000, `${ms} ms`);
  assert.ok(asked > 10);
  await assertServes(served);
  // They are summed up.
  assert.equal(served.reports.length, 1);
  assert.match(
    served.reports[0] ?? "",
    /its TLS handshake failed, it took too/,
  );
});

attack("a drain does not wait for handshakes that stand", async () => {
  await using served = await serve({ limits: { headerMs: 60_000 } });
  const hello = await helloFor("localhost");
  const stalled = [hello.subarray(0, 0), hello.subarray(0, 100), hello]
    .map((bytes) => keptFor(portOf(served), bytes));
  await sleep(300);
  const begun = performance.now();
  await served.engine.drain();
  assert.ok(performance.now() - begun < 8000);
  await Promise.all(stalled);
});

attack("a handshake under way has its time from the drain on", async () => {
  await using served = await serve({ keepAliveMs: 1000 });
  const gate = Promise.withResolvers<void>();
  // Holds back what the client says.
  const slow = createServer((client) => {
    const server = connect(portOf(served), "127.0.0.1");
    for (const socket of [client, server]) socket.on("error", () => {});
    server.pipe(client);
    void gate.promise.then(() => client.pipe(server));
  });
  await new Promise<void>((resolve) => slow.listen(0, "127.0.0.1", resolve));
  const { port } = slow.address() as { readonly port: number };
  const answered = connectSecure({ host: "127.0.0.1", port }, { ca })
    .then(async ({ client }) => {
      const { text } = await client.request("/");
      client.close();
      return text;
    }).catch(String);
  await sleep(1300);
  const drained = served.engine.drain();
  await sleep(700);
  gate.resolve();
  assert.is(await answered, "ok");
  await drained;
  slow.close();
});

attack("bytes that are not TLS end their connection", async () => {
  await using served = await serve();
  for (
    const bytes of [
      Buffer.alloc(4096, 0xff),
      Buffer.alloc(70_000),
      Buffer.from("160301ffff", "hex"),
      Buffer.from("16030100050100000100", "hex"),
      Buffer.from("15030100020228", "hex"),
      Buffer.from("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ]
  ) assert.ok(await keptFor(portOf(served), bytes) < 8000);
  await assertServes(served);
});

attack("names of any bytes and length do no harm", async () => {
  const name = Buffer.from("name-to-replace.example");
  const hello = await helloFor(String(name));
  const names = [{ name: "other.example", ...made.other }];
  for (const more of [{}, { tls: { ...tls, names } }]) {
    await using served = await serve({ limits: { headerMs: 500 }, ...more });
    await Promise.all(
      [
        Buffer.alloc(0),
        Buffer.from("a\0b.example"),
        Buffer.from("ff80c3", "hex"),
        Buffer.from("*.example"),
        Buffer.from("__proto__"),
        Buffer.from("a".repeat(255)),
        Buffer.from("a".repeat(256)),
        Buffer.alloc(12_000, "a."),
      ].map((other) => keptFor(portOf(served), withName(hello, name, other))),
    );
    await assertServes(served);
  }
});

attack("a name cannot write lines of the access log", async () => {
  const format = readAccessFormat('"%({SSL_TLS_SNI}x)s"');
  const lines: string[] = [];
  await using served = await serve({
    observer: {
      needs: format.needs,
      onEnd: (exchange) =>
        void lines.push(format.line(exchange, undefined as never)),
    },
  });
  const said = await typeInto(
    portOf(served),
    ["-quiet", "-servername", 'a"\nb'],
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
  );
  // Deno takes no such name.
  if (runtime.name === "deno") return assert.equal(said.output, "");
  assert.match(said.output, /^HTTP\/1.1 200/);
  await until("a line", () => lines.length > 0);
  assert.not.match(lines.join(), /\n|a"/);
});

attack(
  "a client that is refused is gone, and nothing of it is served",
  async () => {
    let calls = 0;
    await using served = await serve({
      tls: { ...tls, ca, clientCertificates: "optional" },
      fetch: () => new Response(String(++calls)),
    });
    // Keeps its half for as long as it can: what it writes then is no TLS.
    const gone: Promise<void>[] = [];
    const between = createServer({ allowHalfOpen: true }, (client) => {
      const server = connect({
        ...{ port: portOf(served), host: "127.0.0.1", allowHalfOpen: true },
      });
      for (const socket of [client, server]) socket.on("error", () => {});
      client.pipe(server, { end: false });
      server.on("data", (bytes) => client.write(bytes));
      gone.push(
        new Promise((resolve) => {
          server.once("close", resolve);
          server.once("end", () => {
            client.end();
            const talk = setInterval(() => server.write("on and on"), 50);
            server.once("close", () => {
              clearInterval(talk);
              client.destroy();
            });
          });
        }),
      );
    });
    await new Promise<void>((resolve) =>
      between.listen(0, "127.0.0.1", resolve)
    );
    const { port } = between.address() as { readonly port: number };
    for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
      const address = { host: "127.0.0.1", port };
      const options = { ca, maxVersion, ...made.foreign };
      await connectSecure(address, options)
        .then(({ client }) => client.request("/")).catch(() => {});
    }
    assert.is(gone.length, 2);
    await within("the end of both", Promise.all(gone), 5000);
    assert.is(calls, 0);
    between.close();
  },
);

attack("a session that is resumed vouches for no certificate", async () => {
  await using served = await serve({
    tls: { ...tls, ca, clientCertificates: "optional" },
    fetch: (request) => {
      const { authorized } = tlsOf(request) ?? {};
      return new Response(`authorized: ${authorized}`);
    },
  });
  const folder = mkdtempSync(join(tmpdir(), "corn-session-"));
  const session = join(folder, "session");
  const ask = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  try {
    for (const version of ["-tls1_3"]) {
      const first = await typeInto(
        portOf(served),
        [version, "-ign_eof", "-sess_out", session],
        ask,
      );
      assert.match(first.output, /authorized: false/, version);
      const second = await typeInto(
        portOf(served),
        [version, "-ign_eof", "-sess_in", session],
        ask,
      );
      assert.match(second.output, /authorized: false/, `${version}, again`);
      if (runtime.name === "node") assert.match(second.output, /^Reused/m);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

attack("a client cannot begin another handshake", async () => {
  await using served = await serve();
  const said = await typeInto(portOf(served), ["-tls1_2"], "R\n", "Q\n");
  assert.match(said.output, /TLSv1.2/);
  assert.match(said.errors, /RENEGOTIATING\n[^\n]*no renegotiation/);
  await assertServes(served);
});

attack("old versions and compression are not spoken", async () => {
  await using served = await serve();
  const ciphers = ["-cipher", "DEFAULT@SECLEVEL=0"];
  const olds = await Promise.all(
    ["-tls1", "-tls1_1"].map((version) =>
      typeInto(portOf(served), [version, ...ciphers])
    ),
  );
  for (const { output } of olds) assert.match(output, /Cipher is \(NONE\)/);
  const { output } = await typeInto(portOf(served), ["-tls1_2", "-comp"]);
  assert.match(output, /Compression: NONE/);
});

attack("no cipher is spoken that has been broken", async () => {
  await using served = await serve();
  const table = new Map<string, string[]>();
  for (const version of VERSIONS) {
    table.set(version, await spokenCiphers(portOf(served), version));
  }
  for (const [version, ciphers] of table) {
    console.log(`\n# ${version}: ${ciphers.join(" ") || "not spoken"}`);
  }
  assert.equal(table.get("tls1"), []);
  assert.equal(table.get("tls1_1"), []);
  const newest = table.get("tls1_3") ?? [];
  assert.ok(newest.includes("TLS_AES_256_GCM_SHA384"));
  assert.ok(newest.includes("TLS_AES_128_GCM_SHA256"));
  const older = table.get("tls1_2") ?? [];
  assert.ok(older.includes("ECDHE-ECDSA-AES256-GCM-SHA384"));
  assert.not.match(
    [...newest, ...older].join(" "),
    /NULL|EXP|RC4|DES|MD5|ADH|AECDH|PSK|SRP|SEED|IDEA|RC2/,
  );
});

attack.run();
