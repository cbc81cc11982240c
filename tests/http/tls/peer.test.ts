import { tlsPeer } from "../../../src/http/tls/peer.ts";
import type { TlsHandshake } from "../../../src/runtime/tls.ts";
import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";
import { plainCertificate } from "./write-certificate.ts";

const peer = suite("tlsPeer()");

const shaken = (certificate?: Uint8Array<ArrayBuffer>) =>
  ({
    protocol: "TLSv1.3",
    serverName: "a.example",
    certificate,
  }) as unknown as TlsHandshake;

peer("is one for a handshake, and reads its certificate once", () => {
  const handshake = shaken(plainCertificate());
  const one = tlsPeer(handshake);
  assert.ok(tlsPeer(handshake) === one);
  assert.ok(tlsPeer(shaken(plainCertificate())) !== one);
  const read = one.peerCertificate();
  assert.is(read?.subject, "CN=a");
  assert.ok(one.peerCertificate() === read);
});

peer("says what the handshake said, but for the bytes", () => {
  const { peerCertificate, ...said } = tlsPeer(shaken());
  assert.equal(said, { protocol: "TLSv1.3", serverName: "a.example" });
  assert.is(peerCertificate(), undefined);
});

peer.run();
