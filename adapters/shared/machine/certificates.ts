/** X.509 by node:crypto, which is loaded when it is asked for first: few need it. */
import process from "node:process";
import type {
  CertificateFacts,
  Certificates,
  TlsMaterial,
} from "../../../src/runtime/runtime.ts";

type Crypto = typeof import("node:crypto");

let loaded: Crypto | undefined;

function library(): Crypto {
  return loaded ??= process.getBuiltinModule("node:crypto");
}

function read(certificate: string): CertificateFacts {
  const { X509Certificate } = library();
  const one = new X509Certificate(certificate);
  return {
    names: namesOf(one),
    from: new Date(one.validFrom),
    until: new Date(one.validTo),
    fingerprint: one.fingerprint256,
  };
}

/** Without a subject, as those of SPIFFE are, a certificate has none to tell. */
function namesOf(
  { subjectAltName = "", subject = "" }: {
    subjectAltName?: string;
    subject?: string;
  },
): string[] {
  const named = (kinds: RegExp) =>
    [...subjectAltName.matchAll(kinds)].flatMap(([, name]) => name ?? []);
  const names = named(/(?:DNS|IP Address):([^,\s"]+)/g);
  if (names.length > 0) return names;
  const common = /^CN=(.+)$/m.exec(subject)?.[1];
  const own = common ?? subject.replaceAll("\n", ", ");
  if (own !== "") return [own];
  const others = named(/(?:URI|email):([^,\s"]+)/g);
  return others.length > 0 ? others : ["no name"];
}

/** True where a key in PEM is that of a certificate. @throws for what is neither */
export function fits(certificate: string, key: string): boolean {
  const { X509Certificate, createPrivateKey } = library();
  return new X509Certificate(certificate).checkPrivateKey(
    createPrivateKey(key),
  );
}

function signed(certificate: string, by: string): boolean {
  const { X509Certificate } = library();
  const one = new X509Certificate(certificate);
  const other = new X509Certificate(by);
  try {
    return one.checkIssued(other) && one.verify(other.publicKey);
  } catch {
    return false; // A key of a kind that the library does not know.
  }
}

function check(
  { cert, key, ca, names, ciphers, minVersion }: TlsMaterial,
): void {
  const { createSecureContext } = process.getBuiltinModule("node:tls");
  for (const one of [{ cert, key }, ...names]) {
    createSecureContext({
      ...{ cert: one.cert, key: one.key },
      ...(ca !== undefined && { ca }),
      ...(ciphers !== undefined && { ciphers }),
      minVersion: `TLSv${minVersion}`,
    });
  }
}

export const certificates: Certificates = {
  read,
  fits,
  signed,
  check,
  secret: (bytes) => library().randomBytes(bytes).toString("base64"),
};
