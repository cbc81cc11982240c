// runtimes: node24, node26, bun
/** Node listeners over TLS. */
import { connect } from "node:net";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { TLSSocket } from "node:tls";
import express from "express";
import { readAccessFormat } from "../../src/log/access/access-format.ts";
import type { TlsMaterial } from "../../src/runtime/runtime.ts";
import * as assert from "../support/assert.ts";
import { makeCertificates } from "../support/certificates.ts";
import { connectSecure } from "../support/client/secure.ts";
import { promises } from "../support/promise.ts";
import { runtime, serveEngine } from "../support/engine/engine.ts";
import { sleep, until, within } from "../support/wait.ts";

const listeners = promises(
  `Node listeners over TLS on ${runtime.name}`,
  "openssl",
);
const made = makeCertificates();
const { ca } = made;

const tls: TlsMaterial = {
  ...made.server,
  names: [],
  clientCertificates: "none",
  minVersion: "1.2",
};

/** The parts of Express's that are asked. */
interface Asked {
  readonly protocol: string;
  readonly secure: boolean;
  readonly socket: unknown;
}

interface Answering {
  send(text: string): void;
}

type Query = Parameters<typeof serveEngine>[0];

function serve(
  node: (incoming: unknown, outgoing: unknown) => void,
  more: Partial<Query> = {},
): ReturnType<typeof serveEngine> {
  const inherits = runtime.holdsListeners && runtime.servesDescriptors("node");
  const source = inherits ? "descriptor" : "address";
  return serveEngine({ source, tls, node, ...more });
}

listeners("Express says https, and has the TLSSocket", async () => {
  const app = express();
  app.get("/a", (request: Asked, response: Answering) => {
    const { encrypted, authorized } = request.socket as TLSSocket;
    response.send(
      `${request.protocol} ${request.secure} ${encrypted} ${authorized}`,
    );
  });
  await using served = await serve(app as never, {
    tls: { ...tls, ca, clientCertificates: "required" },
  });
  const { client } = await connectSecure(served.target, { ca, ...made.client });
  assert.equal((await client.request("/a")).text, "https true true true");
  assert.equal((await client.request("/a")).status, 200);
  client.send("https://test/a");
  assert.equal((await client.answer()).status, 200);
  client.close();
  await connectSecure(served.target, { ca, ...made.foreign })
    .then(({ client }) => client.closed(), () => {});
  await until("a line", () => served.reports.length === 1);
});

listeners("the access log tells of TLS", async () => {
  const format = readAccessFormat(
    "%({SSL_PROTOCOL}x)s %({SSL_TLS_SNI}x)s %({SSL_CLIENT_VERIFY}x)s %({SSL_CLIENT_S_DN}x)s",
  );
  const lines: string[] = [];
  await using served = await serve(
    (_, outgoing) => void (outgoing as ServerResponse).end("ok"),
    {
      tls: { ...tls, ca, clientCertificates: "optional" },
      observer: {
        needs: format.needs,
        onEnd: (exchange) =>
          void lines.push(format.line(exchange, undefined as never)),
      },
    },
  );
  for (const pair of [made.client, {}]) {
    const { client } = await connectSecure(served.target, { ca, ...pair });
    assert.equal((await client.request("/")).text, "ok");
    client.close();
  }
  await until("two lines", () => lines.length === 2);
  assert.equal(lines, [
    "TLSv1.3 localhost SUCCESS CN=client",
    "TLSv1.3 localhost NONE -",
  ]);
});

listeners(
  "a large body, a drain and new certificates are as over plain",
  async () => {
    const gate = Promise.withResolvers<void>();
    const size = 4 * 1024 * 1024;
    await using served = await serve((incoming, outgoing) => {
      const { url } = incoming as IncomingMessage;
      const response = outgoing as ServerResponse;
      const body = new Uint8Array(size);
      if (url === "/large") response.end(body);
      else void gate.promise.then(() => response.end("done"));
    });
    const { client } = await connectSecure(served.target, { ca });
    const large = await client.request("/large", { ms: 20_000 });
    assert.equal(large.body.length, size);
    served.engine.rekey?.({ ...tls, ...made.renewed });
    const newer = await connectSecure(served.target, { ca });
    assert.not.equal(
      newer.socket.getPeerCertificate().fingerprint256,
      (client.socket as TLSSocket).getPeerCertificate().fingerprint256,
    );
    newer.client.close();
    client.send("/");
    await sleep(200);
    const drained = served.engine.drain();
    gate.resolve();
    const answer = await client.answer();
    assert.equal(answer.text, "done");
    assert.ok(answer.closes);
    await within("the drain", drained, 5000);
  },
);

listeners("a handshake that does not come is cut", async () => {
  await using served = await serve(
    (_, outgoing) => void (outgoing as ServerResponse).end("ok"),
    { limits: { headerMs: 500 } },
  );
  const { address } = served;
  const silent = connect(
    address.kind === "tcp" ? address.port : 0,
    "127.0.0.1",
  );
  const closed = new Promise((resolve) => silent.once("close", resolve));
  silent.on("error", () => {}).resume();
  await within("the cut", closed, 5000);
  const { client } = await connectSecure(served.target, { ca });
  assert.equal((await client.request("/")).text, "ok");
  client.close();
});

listeners(
  "a drain does not wait for a handshake that does not come",
  async () => {
    await using served = await serve(
      (_, outgoing) => void (outgoing as ServerResponse).end("ok"),
      { limits: { headerMs: 60_000 } },
    );
    const { address } = served;
    const silent = connect(
      address.kind === "tcp" ? address.port : 0,
      "127.0.0.1",
    );
    silent.on("error", () => {}).resume();
    // It is accepted before one that comes later is answered.
    const { client } = await connectSecure(served.target, { ca });
    assert.equal((await client.request("/")).text, "ok");
    client.close();
    await within("the drain", served.engine.drain(), 10_000);
  },
);

listeners.run();
