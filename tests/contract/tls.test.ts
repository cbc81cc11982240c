/** TLS of the wire engine. */
import { Buffer } from "node:buffer";
import { X509Certificate } from "node:crypto";
import { connect } from "node:net";
import process from "node:process";
import { connect as connectTls } from "node:tls";
import type { ConnectionOptions } from "node:tls";
import type {
  Address,
  TlsMaterial,
  TlsPeer,
} from "../../src/runtime/runtime.ts";
import * as assert from "../support/assert.ts";
import { makeAuthority, makeCertificates } from "../support/certificates.ts";
import type { Pair } from "../support/certificates.ts";
import { connectSecure } from "../support/client/secure.ts";
import { curl } from "../support/client/curl.ts";
import { promises } from "../support/promise.ts";
import { sleep, until } from "../support/wait.ts";

process.env.TEST_HTTP = "wire";
const { runtime, serveEngine } = await import("../support/engine/engine.ts");
const { tlsOf } = await import("../../src/http/connection/tls-of.ts");

const secure = promises(`the wire engine's TLS on ${runtime.name}`, "openssl");
const made = makeCertificates();
const { ca } = made;

function material(more: Partial<TlsMaterial> = {}): TlsMaterial {
  return {
    ...made.server,
    names: [],
    clientCertificates: "none",
    minVersion: "1.2",
    ...more,
  };
}

type Query = Parameters<typeof serveEngine>[0];

function serve(
  tls: TlsMaterial = material(),
  more: Partial<Query> = {},
): ReturnType<typeof serveEngine> {
  return serveEngine({
    source: runtime.holdsListeners ? "descriptor" : "address",
    tls,
    fetch: (request) => new Response(request.url),
    ...more,
  });
}

/** @throws where it does not */
async function failing(run: () => Promise<unknown>): Promise<void> {
  const failed = await run().then(() => false, () => true);
  assert.ok(failed);
}

function portOf({ address }: Awaited<ReturnType<typeof serve>>): number {
  return address.kind === "tcp" ? address.port : 0;
}

secure(
  "answers curl, to which a request's URL begins with https",
  async ({ write }) => {
    await using served = await serve();
    const url = `https://localhost:${portOf(served)}/a?b`;
    const answer = await curl(url, "--cacert", write("ca.pem", ca));
    assert.equal(answer.body, url);
    const { client } = await connectSecure(served.target, { ca });
    const named = await client.request("/", { headers: {} });
    assert.equal(named.text, "https://test/");
    client.send("https://other.example:443/b");
    assert.equal((await client.answer()).text, "https://other.example/b");
    client.send("http://other.example/b");
    assert.equal((await client.answer()).status, 421);
  },
);

secure("shows each name its certificate, and the first to others", async () => {
  await using served = await serve(material({
    names: [
      { name: "other.example", ...made.other },
      { name: "*.wild.example", ...made.wildcard },
    ],
  }));
  const shown = async (servername: string) => {
    const { client, socket } = await connectSecure(served.target, {
      ...{ ca, servername, rejectUnauthorized: false },
    });
    const { subject } = socket.getPeerCertificate();
    client.close();
    return subject.CN;
  };
  assert.equal(await shown("other.example"), "other.example");
  assert.equal(await shown("OTHER.example"), "other.example");
  assert.equal(await shown("a.wild.example"), "*.wild.example");
  assert.equal(await shown("a.b.wild.example"), "localhost");
  assert.equal(await shown("wild.example"), "localhost");
  assert.equal(await shown("localhost"), "localhost");
  assert.equal(await shown(""), "localhost");
});

secure("answers http/1.1 to ALPN", async () => {
  await using served = await serve();
  const { client, socket } = await connectSecure(served.target, {
    ca,
    ALPNProtocols: ["h2", "http/1.1"],
  });
  assert.equal(socket.alpnProtocol, "http/1.1");
  client.close();
});

secure(
  "speaks no version that is older than it may",
  async () => {
    await using newer = await serve(material({ minVersion: "1.3" }));
    await failing(
      () => connectSecure(newer.target, { ca, maxVersion: "TLSv1.2" }),
    );
  },
);

secure("speaks the ciphers that it is told", async () => {
  const cipher = "ECDHE-ECDSA-AES256-GCM-SHA384";
  if (runtime.name === "deno") {
    return await failing(() => serve(material({ ciphers: cipher })));
  }
  await using chosen = await serve(material({ ciphers: cipher }));
  const old = await connectSecure(chosen.target, {
    ca,
    maxVersion: "TLSv1.2",
  });
  assert.equal(old.socket.getCipher().name, cipher);
  assert.equal(old.socket.getProtocol(), "TLSv1.2");
  old.client.close();
  await failing(() =>
    connectSecure(chosen.target, {
      ...{ ca, maxVersion: "TLSv1.2" },
      ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256",
    })
  );
});

secure(
  "shows other certificates after rekey(), and keeps what is open",
  async () => {
    await using served = await serve();
    const { rekey } = served.engine;
    const fingerprint = ({ cert }: Pair) =>
      new X509Certificate(cert).fingerprint256;
    const before = await connectSecure(served.target, { ca });
    rekey?.call(served.engine, material(made.renewed));
    const after = await connectSecure(served.target, { ca });
    const shown = ({ socket }: typeof after) =>
      socket.getPeerCertificate().fingerprint256;
    assert.equal(shown(before), fingerprint(made.server));
    assert.equal(shown(after), fingerprint(made.renewed));
    assert.equal((await before.client.request("/")).status, 200);
    assert.throws(() => rekey?.call(served.engine, material(made.wrongKey)));
    const last = await connectSecure(served.target, { ca });
    assert.equal(shown(last), fingerprint(made.renewed));
    for (const { client } of [before, after, last]) client.close();
  },
);

secure("a socket that is opened meanwhile speaks with them too", async () => {
  await using served = await serve();
  const opening = served.engine.open({
    kind: "address",
    address: { kind: "tcp", host: "127.0.0.1", port: 0 },
    secure: true,
  });
  served.engine.rekey?.(material(made.renewed));
  const { client, socket } = await connectSecure(
    await opening as Extract<Address, { kind: "tcp" }>,
    { ca },
  );
  assert.equal(
    socket.getPeerCertificate().fingerprint256,
    new X509Certificate(made.renewed.cert).fingerprint256,
  );
  client.close();
});

/** A session of a server, as the client got it after its first answer. */
async function sessionOf(
  { target }: Awaited<ReturnType<typeof serve>>,
  options: ConnectionOptions,
): Promise<Buffer> {
  const { client, socket } = await connectSecure(target, { ca, ...options });
  let session = socket.getSession();
  socket.on("session", (bytes) => session = bytes);
  assert.equal((await client.request("/")).status, 200);
  // Tickets of TLS 1.3 come behind the handshake.
  await sleep(50);
  client.close();
  return session as Buffer;
}

secure("takes tickets of its siblings, where the runtime can", async () => {
  if (runtime.name !== "node") return await sharesNone();
  const keys = (byte: number) => Buffer.alloc(48, byte).toString("base64");
  const asked = material({
    ...{ ca, clientCertificates: "required", ticketKeys: keys(1) },
    names: [{ name: "other.example", ...made.other }],
  });
  await using one = await serve(asked);
  await using sibling = await serve({ ...asked, ...made.renewed });
  await using stranger = await serve({ ...asked, ticketKeys: keys(2) });
  for (const servername of ["localhost", "other.example"]) {
    for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
      const options = {
        ...{ ...made.client, servername, maxVersion },
        rejectUnauthorized: servername === "localhost",
      };
      const session = await sessionOf(one, options);
      for (
        const [{ target }, takes] of [[sibling, true], [
          stranger,
          false,
        ]] as const
      ) {
        const { client, socket } = await connectSecure(target, {
          ...{ ca, session, ...options },
        });
        assert.equal((await client.request("/")).status, 200);
        assert.equal(socket.isSessionReused(), takes);
        client.close();
      }
    }
  }
});

/** A full handshake is made with another worker. */
async function sharesNone(): Promise<void> {
  await using one = await serve();
  await using sibling = await serve();
  const options = { maxVersion: "TLSv1.2" } as const;
  const session = await sessionOf(one, options);
  const { client, socket } = await connectSecure(sibling.target, {
    ...{ ca, session, ...options },
  });
  assert.equal((await client.request("/")).status, 200);
  assert.equal(socket.isSessionReused(), false);
  client.close();
}

secure(
  "lets nobody in by a ticket whom it does not know any more",
  async () => {
    const ask = (authority: string) =>
      material({ ca: authority, clientCertificates: "required" });
    await using served = await serve({
      ...ask(ca),
      ticketKeys: Buffer.alloc(48, 1).toString("base64"),
    });
    const session = await sessionOf(served, made.client);
    served.engine.rekey?.({
      ...ask(makeAuthority("Another CA").cert),
      ticketKeys: Buffer.alloc(48, 2).toString("base64"),
    });
    await failing(async () => {
      const { client } = await connectSecure(served.target, {
        ...{ ca, session, ...made.client },
      });
      await client.request("/");
    });
  },
);

secure(
  "tells apps of the connection and of the client's certificate",
  async () => {
    const seen: (TlsPeer | undefined)[] = [];
    const fetch = (request: Request) => {
      seen.push(tlsOf(request));
      return new Response("ok");
    };
    for (const asked of ["none", "optional", "required"] as const) {
      await using served = await serve(
        material({ ca, clientCertificates: asked }),
        { fetch },
      );
      const { client } = await connectSecure(served.target, {
        ca,
        ...made.client,
      });
      assert.equal((await client.request("/")).status, 200);
      client.close();
      const tls = seen.pop();
      assert.equal(tls?.protocol, "TLSv1.3");
      assert.match(tls?.cipher ?? "", /^TLS_/);
      assert.equal(tls?.servername, "localhost");
      assert.equal(tls?.authorized, asked !== "none");
      const certificate = tls?.peerCertificate();
      if (asked === "none") {
        assert.equal(certificate, undefined);
        continue;
      }
      const own = new X509Certificate(made.client.cert);
      assert.equal(certificate?.subject, "CN=client");
      assert.equal(certificate?.issuer, "CN=Test CA");
      assert.equal(certificate?.subjectAltNames, ["DNS:client.example"]);
      assert.equal(certificate?.fingerprint256, own.fingerprint256);
      // Deno's own leaves a zero out that is its first digit.
      const digits = own.serialNumber.padStart(
        2 * Math.ceil(own.serialNumber.length / 2),
        "0",
      );
      assert.equal(certificate?.serialNumber, digits);
      assert.equal(certificate?.validTo.getTime(), Date.parse(own.validTo));
      assert.equal(Buffer.from(certificate?.der ?? []).equals(own.raw), true);
    }
  },
);

secure(
  "lets clients without a certificate in where it is optional, and those with another's nowhere",
  async () => {
    const answered = async (
      clientCertificates: "optional" | "required",
      pair: Partial<Pair>,
    ) => {
      await using served = await serve(material({ ca, clientCertificates }), {
        fetch: (request) => new Response(String(tlsOf(request)?.authorized)),
      });
      try {
        const { client } = await connectSecure(served.target, { ca, ...pair });
        const { text } = await client.request("/");
        client.close();
        return text;
      } catch {
        await until("a line", () => served.reports.length > 0);
        return served.reports[0];
      }
    };
    assert.equal(await answered("optional", {}), "false");
    assert.match(
      await answered("required", {}) ?? "",
      /handshake failed, peer did not return a certificate$/,
    );
    for (const asked of ["optional", "required"] as const) {
      assert.equal(await answered(asked, made.client), "true");
      assert.match(
        await answered(asked, made.foreign) ?? "",
        /certificate is not accepted/,
      );
    }
  },
);

secure(
  "cuts a handshake that does not come, and counts it as a connection until then",
  async () => {
    await using served = await serve(material(), {
      limits: { headerMs: 1000 },
      connections: 1,
      keepAliveMs: 300,
    });
    const silent = connect(portOf(served), "127.0.0.1");
    await new Promise((resolve) => silent.once("connect", resolve));
    await sleep(100);
    const begun = Date.now();
    // It waits in the queue until the silent one is gone.
    const { client } = await connectSecure(served.target, { ca });
    assert.equal((await client.request("/")).status, 200);
    assert.ok(Date.now() - begun > 200);
    client.close();
    silent.destroy();
    // Nothing came: as from a check of the port.
    assert.equal(served.reports, []);
  },
);

secure("tells of handshakes that fail in one line, and serves on", async () => {
  await using served = await serve(material(), { limits: { headerMs: 1000 } });
  for (let count = 0; count < 5; count++) {
    const socket = connect(portOf(served), "127.0.0.1");
    socket.on("error", () => {});
    socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    let told = "";
    socket.on("data", (bytes) => told += String(bytes));
    await new Promise((resolve) => socket.once("close", resolve));
    if (runtime.name === "node") {
      assert.match(told, /^HTTP\/1.1 400 [^]+\r\n\r\nThis port speaks TLS: /);
    }
  }
  for (const end of ["end", "reset", "late"] as const) {
    const socket = connect(portOf(served), "127.0.0.1");
    socket.on("error", () => {});
    socket.write(Buffer.from("160301", "hex"));
    await sleep(30);
    if (end === "end") socket.end();
    else if (end === "reset") socket.resetAndDestroy();
    if (end !== "reset") {
      await new Promise((resolve) => socket.once("close", resolve).resume());
    }
  }
  const { client } = await connectSecure(served.target, { ca });
  assert.equal((await client.request("/")).status, 200);
  client.close();
  assert.equal(served.reports.length, 1);
  assert.match(
    served.reports[0] ?? "",
    runtime.name === "deno"
      ? /its TLS handshake failed, what the client sent is no TLS$/
      : /^Closed a connection from 127\.0\.0\.1: its TLS handshake failed, the client spoke plain HTTP$/,
  );
});

secure(
  "tells nothing of a client that only looks whether TLS is spoken",
  async () => {
    await using served = await serve();
    for (let count = 0; count < 5; count++) {
      // Its own side of TLS 1.3 is over at once, as for checks of load balancers.
      const socket = connectTls({
        port: portOf(served),
        host: "127.0.0.1",
        ca,
        servername: "localhost",
      });
      socket.on("error", () => {});
      socket.once("secureConnect", () => socket.destroy());
      await new Promise((resolve) => socket.once("close", resolve).resume());
    }
    const { client } = await connectSecure(served.target, { ca });
    assert.equal((await client.request("/")).status, 200);
    client.close();
    await sleep(100);
    assert.equal(served.reports, []);
  },
);

secure.run();
