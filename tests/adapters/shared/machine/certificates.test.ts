/** What is read of certificates, by openssl's own. */
import { execFileSync } from "node:child_process";
import { certificates } from "../../../../adapters/shared/machine/certificates.ts";
import * as assert from "../../../support/assert.ts";
import { suite } from "../../../support/suite.ts";

const reading = suite("certificates", "openssl");

/** One that signs itself, of this subject. */
function issue(subject: string, ...names: readonly string[]): string {
  return execFileSync("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt"],
    ...["ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "/dev/null"],
    ...["-subj", subject, "-days", "2"],
    ...names.length === 0
      ? []
      : ["-addext", `subjectAltName=${names.join(",")}`],
  ], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
}

reading("read() names a certificate by the best that it has", () => {
  const cases: [string, readonly string[], readonly string[]][] = [
    ["/CN=common", ["DNS:a.example", "IP:127.0.0.1"], [
      "a.example",
      "127.0.0.1",
    ]],
    ["/O=Org/CN=common", ["URI:spiffe://td/app"], ["common"]],
    ["/O=Org", [], ["O=Org"]],
    // As SPIFFE's are.
    ["/", ["URI:spiffe://td/app", "email:a@b.example"], [
      "spiffe://td/app",
      "a@b.example",
    ]],
    ["/", [], ["no name"]],
  ];
  for (const [subject, names, told] of cases) {
    assert.equal(certificates.read(issue(subject, ...names)).names, told);
  }
});

reading.run();
