import {
  certificatesOf,
  isEncrypted,
  keysOf,
  looksLikeDer,
} from "../../../src/arbiter/certificates/pem.ts";
import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";

const pem = suite("files in PEM");

const block = (label: string, text = "AAAA", end = "\n") =>
  `-----BEGIN ${label}-----${end}${text}${end}-----END ${label}-----${end}`;

pem("blocks are found behind anything, by their labels", () => {
  const text = [
    "Bag Attributes: none\n",
    block("CERTIFICATE", "ONE"),
    block("PRIVATE KEY", "KEY"),
    block("CERTIFICATE REQUEST"),
    block("TRUSTED CERTIFICATE", "TWO", "\r\n"),
    block("EC PRIVATE KEY", "EC"),
    "-----BEGIN CERTIFICATE-----\nwhat was cut off\n",
  ].join("");
  assert.equal(
    certificatesOf(text).map((one) => /^[A-Z]{3}$/m.exec(one)?.[0]),
    ["ONE", "TWO"],
  );
  assert.equal(keysOf(text).map(({ label }) => label), [
    ...["PRIVATE KEY", "EC PRIVATE KEY"],
  ]);
  assert.is(certificatesOf(text)[0], block("CERTIFICATE", "ONE"));
});

pem("isEncrypted() knows both ways", () => {
  const encrypted = (text: string) => keysOf(text).map(isEncrypted);
  assert.equal(
    encrypted([
      block("ENCRYPTED PRIVATE KEY"),
      block("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\nDEK-Info: x\n\nAA"),
      block("PRIVATE KEY"),
    ].join("")),
    [true, true, false],
  );
});

pem("looksLikeDer() knows what was bytes", () => {
  assert.is(looksLikeDer("0\u0082\u0003"), true);
  assert.is(looksLikeDer("0\ufffd\u0003"), true);
  assert.is(looksLikeDer("0\u007f"), false);
  assert.is(looksLikeDer("0"), false);
  assert.is(looksLikeDer("1\u0082"), false);
  assert.is(looksLikeDer(""), false);
});

pem.run();
