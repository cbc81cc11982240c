import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import {
  forwardedCertificateOf,
  noteCertificate,
} from "../../src/exchange/certificate.ts";
import type { ForwardedCertificate } from "../../src/runtime/tls.ts";

const certificate = suite("forwarded certificate");

certificate("a certificate is told of the request that it came with", () => {
  const [one, other] = [{}, {}];
  const told = { chain: [] } as unknown as ForwardedCertificate;
  noteCertificate(one, told);
  assert.is(forwardedCertificateOf(one), told);
  assert.is(forwardedCertificateOf(other), undefined);
});

certificate.run();
