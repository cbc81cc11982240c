/** What a certificate says, beside what the runtime reads of it. */
import { createHash, randomBytes, X509Certificate } from "node:crypto";
import { readCertificate } from "../../../src/http/tls/certificate.ts";
import { hex } from "../../../src/http/tls/der.ts";
import { sha256 } from "../../../src/http/tls/sha256.ts";
import * as assert from "../../support/assert.ts";
import { makeAuthority } from "../../support/certificates.ts";
import { suite } from "../../support/suite.ts";

const certificate = suite("a certificate", "openssl");
const authority = makeAuthority("A, <CA>");

certificate("readCertificate() says what the runtime does", () => {
  const { cert } = authority.issue({
    name: 'a"b;c',
    names: [
      "DNS:a.example",
      "IP:10.0.0.1",
      "IP:2001:db8::1",
      "URI:spiffe://a/b",
    ],
  });
  const known = new X509Certificate(cert);
  const read = readCertificate(new Uint8Array(known.raw));
  assert.equal(read.subject, 'CN=a\\"b\\;c');
  assert.equal(read.issuer, "CN=A\\, \\<CA\\>");
  assert.equal(read.subjectAltNames, [
    "DNS:a.example",
    "IP:10.0.0.1",
    "IP:2001:db8::1",
    "URI:spiffe://a/b",
  ]);
  // Deno leaves a nought at its beginning out (2.9.5), openssl does not.
  const { serialNumber } = known;
  assert.equal(
    read.serialNumber,
    serialNumber.padStart(2 * Math.ceil(serialNumber.length / 2), "0"),
  );
  assert.equal(read.fingerprint256, known.fingerprint256);
  assert.equal(read.validFrom.getTime(), Date.parse(known.validFrom));
  assert.equal(read.validTo.getTime(), Date.parse(known.validTo));
});

certificate(
  "readCertificate() throws for what is none, and never hangs",
  () => {
    const der = new Uint8Array(new X509Certificate(authority.cert).raw);
    assert.throws(() => readCertificate(new Uint8Array(0)));
    for (let length = 1; length < der.length; length += 7) {
      assert.throws(() => readCertificate(der.slice(0, length)));
    }
    for (let at = 0; at < 200; at++) {
      const broken = der.slice();
      broken[at] = broken[at]! ^ 0xff;
      try {
        readCertificate(broken);
      } catch (error) {
        assert.instance(error, SyntaxError);
      }
    }
  },
);

certificate("sha256() is the digest of any length", () => {
  for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 1000, 4096]) {
    const bytes = new Uint8Array(randomBytes(length));
    const known = createHash("sha256").update(bytes).digest("hex");
    assert.equal(hex(sha256(bytes)).toLowerCase(), known);
  }
});

certificate.run();
