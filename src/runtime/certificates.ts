/** Certificates and keys, as the system's library reads them. */
import type { TlsMaterial } from "./tls.ts";

/** What a certificate says. */
export interface CertificateFacts {
  /** Its names of hosts and addresses (subjectAltName); else its common name, else its subject. */
  readonly names: readonly string[];
  /** When it begins and ends to be valid. */
  readonly from: Date;
  readonly until: Date;
  /** SHA-256, in hexadecimal. */
  readonly fingerprint: string;
}

/** Everything takes PEM. */
export interface Certificates {
  /** Reads a certificate. @throws where it is none */
  read(certificate: string): CertificateFacts;
  /** True where the key is the certificate's. @throws where it is no key */
  fits(certificate: string, key: string): boolean;
  /** True where the second certificate has signed the first. */
  signed(certificate: string, by: string): boolean;
  /** @throws what a server on this runtime would refuse */
  check(material: TlsMaterial): void;
  /** So many bytes that nobody can guess, in base64. */
  secret(bytes: number): string;
}
