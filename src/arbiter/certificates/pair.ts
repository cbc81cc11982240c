/** Whether a certificate and a key can be served together. */
import { messageOf } from "../../base/errors.ts";
import { Refusal } from "../../base/refusal.ts";
import type {
  CertificateFacts,
  Certificates,
  TlsIdentity,
} from "../../runtime/runtime.ts";
import { certificatesOf, isEncrypted, keysOf, looksLikeDer } from "./pem.ts";

/** A file, and what it holds. */
export interface PemFile {
  readonly path: string;
  readonly text: string;
}

/** What can be served, and what it is. */
export interface Pair {
  readonly identity: TlsIdentity;
  readonly facts: CertificateFacts;
  /** Why clients that look at what was sent with it may refuse it; undefined where nothing is seen. */
  readonly doubt: string | undefined;
}

/** What is wrong with a file. */
export class FileRefusal extends Refusal {
  override name = "FileRefusal";
  readonly path: string;

  constructor(path: string, reason: string) {
    super(reason);
    this.path = path;
  }
}

/** @throws FileRefusal where they cannot be served */
export function readPair(
  { cert, key }: { readonly cert: PemFile; readonly key: PemFile },
  library: Certificates,
): Pair {
  const chain = certificatesOf(cert.text);
  const [first] = chain;
  if (first === undefined) throw refusal(cert, "certificate");
  const facts = readAll(cert, chain, library);
  const text = readKey(key, cert);
  const fitting = chain.findIndex((one) =>
    fits(one, text, { path: key.path, library })
  );
  if (fitting !== 0) {
    throw new FileRefusal(
      key.path,
      fitting === -1
        ? `the key does not fit the certificate in ${cert.path}`
        : `the key fits certificate ${
          fitting + 1
        } in ${cert.path}, which must stand first there`,
    );
  }
  return {
    identity: { cert: chain.join(""), key: text },
    facts: facts[0] as CertificateFacts,
    doubt: chainDoubt(chain, facts, { path: cert.path, library }),
  };
}

/** Reads the certificates of a file. @throws FileRefusal where one cannot be read */
export function readAll(
  { path }: PemFile,
  certificates: readonly string[],
  library: Certificates,
): CertificateFacts[] {
  return certificates.map((one, at) => {
    try {
      return library.read(one);
    } catch (error) {
      throw new FileRefusal(
        path,
        `certificate ${at + 1} in it cannot be read: ${messageOf(error)}`,
      );
    }
  });
}

function readKey(file: PemFile, cert: PemFile): string {
  const [key] = keysOf(file.text);
  if (key === undefined) {
    if (file.path !== cert.path) throw refusal(file, "private key");
    throw new FileRefusal(file.path, "it holds no private key, give keyfile");
  }
  if (!isEncrypted(key)) return key.text;
  throw new FileRefusal(
    file.path,
    `the key is encrypted; decrypt it with openssl pkey -in ${file.path} -out FILE`,
  );
}

function fits(
  certificate: string,
  key: string,
  { path, library }: { readonly path: string; readonly library: Certificates },
): boolean {
  try {
    return library.fits(certificate, key);
  } catch (error) {
    throw new FileRefusal(
      path,
      `the key cannot be read: ${messageOf(error)}`,
    );
  }
}

/** What a file is that does not hold what it should. */
function refusal(
  { path, text }: PemFile,
  wanted: "certificate" | "private key",
): FileRefusal {
  if (looksLikeDer(text)) {
    const command = wanted === "certificate" ? "x509" : "pkey";
    return new FileRefusal(
      path,
      `it is no PEM but DER; convert it with openssl ${command} -inform DER -in ${path} -out FILE`,
    );
  }
  const other = wanted === "certificate"
    ? keysOf(text).length > 0 && "a private key"
    : certificatesOf(text).length > 0 && "a certificate";
  return new FileRefusal(
    path,
    `it holds ${other ? `${other} and ` : ""}no ${wanted} in PEM`,
  );
}

/** Each certificate behind the first is to have signed the one before it (RFC 5246 section 7.4.2). */
function chainDoubt(
  chain: readonly string[],
  facts: readonly CertificateFacts[],
  { path, library }: { readonly path: string; readonly library: Certificates },
): string | undefined {
  const at = chain.findIndex((one, index) =>
    index > 0 && !library.signed(chain[index - 1] as string, one)
  );
  if (at === -1) return undefined;
  return `certificate ${at + 1} in ${path}, of ${
    facts[at]?.names[0]
  }, has not signed the one before it`;
}
