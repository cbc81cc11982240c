/** What RFC 9440 lets a proxy write of a client's certificate. */
import { Buffer } from "node:buffer";
import { X509Certificate } from "node:crypto";
import { parseClientCert } from "../../../src/gateway/proxies/client-cert.ts";
import {
  Contradiction,
  readOrigin,
} from "../../../src/gateway/proxies/forwarded.ts";
import type { Origin } from "../../../src/gateway/proxies/forwarded.ts";
import { networkTest } from "../../../adapters/shared/sockets/networks.ts";
import { forwardedCertificateOf } from "../../../src/exchange/certificate.ts";
import { withForwarding } from "../../../src/gateway/proxies/forwarding.ts";
import { Refusals } from "../../../src/gateway/proxies/refusals.ts";
import * as assert from "../../support/assert.ts";
import { makeAuthority } from "../../support/certificates.ts";
import { suite } from "../../support/suite.ts";

const clientCert = suite("Client-Cert", "openssl");
const authority = makeAuthority();
const { cert } = authority.issue({ name: "client", use: "client" });
const base64 = cert.replaceAll(/-----[^-]+-----|\n/g, "");
const text = `:${base64}:`;

clientCert("is read with its chain", () => {
  const read = parseClientCert(text, undefined);
  assert.is(read?.subject, "CN=client");
  const known = new X509Certificate(cert);
  assert.is(read?.fingerprint256, known.fingerprint256);
  assert.equal(read?.chain, []);
  assert.is(parseClientCert(text, undefined), read, "it is read once");
  const chained = parseClientCert(text, `${text} ,\t${text}`);
  assert.equal(chained?.chain.map(({ subject }) => subject), [
    "CN=client",
    "CN=client",
  ]);
});

clientCert("is read with the padding that its length has", () => {
  const raw = Buffer.from(base64, "base64").subarray(4);
  const paddings = new Set<string>();
  for (let more = 0; more < 3; more++) {
    // The same with elements of no meaning, two bytes each.
    const body = [...raw, ...Array(more).fill([0x05, 0]).flat()];
    const length = [body.length >> 8, body.length & 255];
    const sent = Buffer.from([0x30, 0x82, ...length, ...body])
      .toString("base64");
    paddings.add(/=*$/.exec(sent)![0]);
    assert.is(parseClientCert(`:${sent}:`, undefined)?.subject, "CN=client");
  }
  assert.equal([...paddings].toSorted(), ["", "=", "=="]);
});

clientCert("is told with its chain by a proxy that is believed", () => {
  const told = (values: Readonly<Record<string, string>>) =>
    readOrigin((name) => values[name] ?? null, {
      hops: 1,
      headers: ["client-cert", "forwarded"],
      secureSchemes: {},
      trusts: () => true,
    });
  assert.is(told({}), undefined);
  const alone = told({ "client-cert": text });
  assert.not.instance(alone, Contradiction);
  assert.equal((alone as Origin).certificate?.chain, []);
  const chained = told({ "client-cert": text, "client-cert-chain": text });
  assert.is((chained as Origin).certificate?.chain.length, 1);
  const beside = told({ "client-cert": text, forwarded: "for=192.0.2.1" });
  assert.equal(
    [(beside as Origin).client?.kind, (beside as Origin).certificate],
    ["tcp", (alone as Origin).certificate],
    "with what else it tells",
  );
  const lone = told({ "client-cert-chain": text });
  assert.instance(lone, Contradiction);
});

clientCert("is refused where it is anything else", () => {
  const raw = Buffer.from(base64, "base64");
  const bytes = (one: Uint8Array) => `:${Buffer.from(one).toString("base64")}:`;
  const wrong = [
    "",
    ":",
    "::",
    base64,
    ` ${text}`,
    `${text};a=1`,
    `${text}, ${text}`,
    `"${base64}"`,
    encodeURIComponent(cert),
    `:${base64.slice(0, 8)} ${base64.slice(8)}:`,
    `:${base64.slice(0, -1)}:`,
    `:${base64.replaceAll("+", "-").replaceAll("/", "_").slice(0, -4)}-_-_:`,
    bytes(raw.subarray(0, -1)),
    bytes(Buffer.concat([raw, raw])),
    bytes(Buffer.from("not a certificate")),
    bytes(Buffer.alloc(20_000, 0x30)),
  ];
  for (const one of wrong) {
    assert.is(parseClientCert(one, undefined), undefined, one);
    // A chain is a list, whose entries may have spaces around them.
    if (one.trim().startsWith(text) && !one.includes(";")) continue;
    assert.is(parseClientCert(text, one), undefined, one);
  }
  assert.ok(parseClientCert(text, Array(10).fill(text).join(",")));
  // For ever, where its time grew with the square of its length.
  const spaced = `${text}${" ".repeat(1_000_000)}x`;
  assert.is(parseClientCert(text, spaced), undefined);
  const long = Array(11).fill(text).join(",");
  assert.is(parseClientCert(text, long), undefined);
});

clientCert("is noted of the request that it came with", async () => {
  const handler = withForwarding({
    style: "fetch",
    fetch: () => new Response(),
    node() {},
  }, {
    runtime: {
      networkTest,
      peerOf: () => ({ kind: "unix" }),
      showClient: (_request, env) => env,
    },
    rules: {
      ...{ allow: ["unix"], hops: 1, headers: ["client-cert"] as const },
      ...{ secureSchemes: {}, unbelieved: "keep" as const },
    },
    refusals: new Refusals(() => {}),
  });
  const headers = { "client-cert": text };
  const request = new Request("http://localhost/", { headers });
  await handler.fetch(request, undefined);
  assert.is(forwardedCertificateOf(request)?.subject, "CN=client");
});

clientCert.run();
