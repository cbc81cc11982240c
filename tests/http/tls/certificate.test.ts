/** What a certificate says, beside what the runtime reads of it. */
import { createHash, randomBytes, X509Certificate } from "node:crypto";
import { readCertificate } from "../../../src/http/tls/certificate.ts";
import { hex, Tag } from "../../../src/http/tls/der.ts";
import { sha256 } from "../../../src/http/tls/sha256.ts";
import * as assert from "../../support/assert.ts";
import { makeAuthority } from "../../support/certificates.ts";
import { suite } from "../../support/suite.ts";
import {
  COMMON_NAME,
  commonName,
  name,
  plainCertificate,
} from "./write-certificate.ts";
import type { NamePart } from "./write-certificate.ts";
import { der, latin1 } from "./write-der.ts";

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

const written = suite("readCertificate()");

const subjectOf = (...parts: readonly (readonly NamePart[])[]) =>
  readCertificate(plainCertificate({ subject: name(...parts) })).subject;

written("reads the plainest certificate", () => {
  const bytes = plainCertificate();
  const read = readCertificate(bytes);
  assert.equal({ ...read, der: undefined, fingerprint256: "" }, {
    der: undefined,
    subject: "CN=a",
    issuer: "CN=b",
    subjectAltNames: [],
    serialNumber: "AB01",
    fingerprint256: "",
    validFrom: new Date("2026-01-02T03:04:05Z"),
    validTo: new Date("2027-01-02T03:04:05Z"),
  });
  assert.ok(read.der === bytes);
  assert.match(read.fingerprint256, /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
});

written("RFC 5280 §4.1.2.1: the first version is not written", () => {
  const read = readCertificate(plainCertificate({ version: latin1("") }));
  assert.equal([read.serialNumber, read.subject], ["AB01", "CN=a"]);
});

written("a serial number is a positive integer", () => {
  const serialOf = (...bytes: number[]) =>
    readCertificate(
      plainCertificate({ serial: der(Tag.integer, Uint8Array.from(bytes)) }),
    ).serialNumber;
  assert.is(serialOf(0x7f), "7F");
  assert.is(serialOf(0, 0x80, 0), "8000");
  assert.is(serialOf(1, 0), "0100");
});

written("throws where a part is missing, or more follows", () => {
  const bytes = plainCertificate();
  const moment = der(Tag.utcTime, latin1("260102030405Z"));
  for (
    const broken of [
      Uint8Array.from([...bytes, ...bytes]),
      plainCertificate({ serial: der(Tag.octets, Uint8Array.of(1)) }),
      plainCertificate({ validity: der(Tag.sequence) }),
      plainCertificate({ validity: der(Tag.sequence, moment) }),
      plainCertificate({ subject: der(Tag.set) }),
      der(Tag.sequence, der(Tag.sequence)),
      der(Tag.sequence),
      der(Tag.set),
    ]
  ) assert.throws(() => readCertificate(broken), SyntaxError);
});

written("RFC 4514 §2.1: a name is written with its last part first", () => {
  const unit: NamePart = [[0x55, 4, 11], der(Tag.printable, latin1("u"))];
  const country: NamePart = [[0x55, 4, 6], der(Tag.printable, latin1("DE"))];
  assert.is(
    subjectOf([country], [unit, commonName("a")]),
    "OU=u+CN=a,C=DE",
  );
  assert.is(subjectOf(), "");
});

written("RFC 4514 §2.3: a type has its short name, or its numbers", () => {
  const text = der(Tag.utf8, latin1("x"));
  for (
    const [type, said] of [
      [[0x55, 4, 4], "SN=x"],
      [[0x55, 4, 5], "serialNumber=x"],
      [[0x55, 4, 7], "L=x"],
      [[0x55, 4, 8], "ST=x"],
      [[0x55, 4, 9], "STREET=x"],
      [[0x55, 4, 10], "O=x"],
      [[0x55, 4, 12], "title=x"],
      [[0x55, 4, 42], "GN=x"],
      [[9, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1], "UID=x"],
      [[9, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25], "DC=x"],
      [
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1],
        "emailAddress=x",
      ],
      [[0x55, 4, 99], "2.5.4.99=#0c0178"],
    ] as const
  ) assert.is(subjectOf([[type, text]]), said);
  // What is no text stands there as it is.
  const number = der(Tag.integer, Uint8Array.of(0xab));
  assert.is(subjectOf([[COMMON_NAME, number]]), "CN=#0201ab");
});

written("RFC 4514 §2.4: what has a meaning in a name is escaped", () => {
  for (
    const [text, said] of [
      ["a,b+c", "a\\,b\\+c"],
      ['<"a">;\\', '\\<\\"a\\"\\>\\;\\\\'],
      [" a b ", "\\ a b\\ "],
      ["#a#", "\\#a#"],
      [" ", "\\ "],
      ["a=b", "a=b"],
      ["a\nb\x7f\x1f\0", "a\\0ab\\7f\\1f\\00"],
      ["é中😀", "é中😀"],
    ] as const
  ) assert.is(subjectOf([commonName(text)]), `CN=${said}`, text);
});

/** What follows the key, with these other names of the subject. */
function altNames(...names: readonly Uint8Array[]): Uint8Array {
  const extension = (last: number, value: Uint8Array, critical = false) =>
    der(
      Tag.sequence,
      der(Tag.oid, Uint8Array.of(0x55, 29, last)),
      ...(critical ? [der(Tag.boolean, Uint8Array.of(255))] : []),
      der(Tag.octets, value),
    );
  return der(
    0xa3,
    der(
      Tag.sequence,
      extension(19, der(Tag.sequence), true),
      extension(17, der(Tag.sequence, ...names), true),
      extension(15, der(Tag.sequence)),
    ),
  );
}

written("RFC 5280 §4.2.1.6: other names are told with their kinds", () => {
  const names = [
    der(0x81, latin1("a@b.example")),
    der(0xa0, latin1("")),
    der(0x82, latin1("*.b.example")),
    der(0x86, latin1("spiffe://b/c")),
    der(0x87, Uint8Array.of(10, 0, 0, 255)),
    der(0x87, Uint8Array.of(10, 0, 0, 255, 255, 255, 255, 255)),
    der(0x87, Uint8Array.of(0x20, 1, 0x0d, 0xb8, ...Array(11).fill(0), 1)),
    der(0x88, Uint8Array.of(0x55)),
  ];
  const ids = [der(0x81, latin1("")), der(0x82, latin1(""))];
  for (const before of [[], ids]) {
    const read = readCertificate(
      plainCertificate({ more: [...before, altNames(...names)] }),
    );
    assert.equal(read.subjectAltNames, [
      "email:a@b.example",
      "DNS:*.b.example",
      "URI:spiffe://b/c",
      "IP:10.0.0.255",
      "IP:2001:db8::1",
    ]);
  }
});

written.run();
