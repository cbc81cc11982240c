/** What a material of TLS speaks with, by the names that clients ask for. */
import { Buffer } from "node:buffer";
import { constants } from "node:crypto";
import { createSecureContext } from "node:tls";
import type { SecureContext, SecureContextOptions, TlsOptions } from "node:tls";
import type { TlsIdentity, TlsMaterial } from "../../../src/runtime/runtime.ts";
import { fits } from "../machine/certificates.ts";

/** What is spoken over TLS; the place of h2. */
export const PROTOCOLS: readonly string[] = ["http/1.1"];

export class TlsContexts {
  readonly #exact = new Map<string, SecureContext>();
  /** For clients that ask for none of the names. */
  readonly otherwise: SecureContext;

  /** @throws what is wrong with the material */
  constructor(material: TlsMaterial) {
    for (const { name, ...identity } of material.names) {
      this.#exact.set(name.toLowerCase(), contextOf(material, identity));
    }
    this.otherwise = contextOf(material, material);
  }

  find(asked: string): SecureContext {
    const name = asked.toLowerCase();
    const dot = name.indexOf(".");
    // RFC 6125 section 6.4.3: a star stands for one label.
    return this.#exact.get(name) ??
      (dot > 0 ? this.#exact.get(`*${name.slice(dot)}`) : undefined) ??
      this.otherwise;
  }
}

export function contextOptions(
  { ca, minVersion, ciphers, ticketKeys }: TlsMaterial,
  { cert, key }: TlsIdentity,
): SecureContextOptions & Pick<TlsOptions, "ticketKeys"> {
  return {
    cert,
    key,
    minVersion: `TLSv${minVersion}`,
    honorCipherOrder: true,
    // Node begins another handshake for any client that asks by TLS 1.2
    // (24.21.0, NODE-TLS-RENEGOTIATION); Bun and Deno never do.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION ?? 0,
    // Bun looks here at each handshake for what the chain lacks, and without it
    // in the system's folder (1.4.5, BUN-TLS-CHAIN). No client is judged by it
    // where none is asked for a certificate.
    ca: ca ?? cert,
    ...(ciphers !== undefined && { ciphers }),
    ...(ticketKeys !== undefined && {
      ticketKeys: Buffer.from(ticketKeys, "base64"),
    }),
  };
}

function contextOf(
  material: TlsMaterial,
  identity: TlsIdentity,
): SecureContext {
  const { cert, key } = identity;
  // Deno looks at neither until a client comes (2.9.5, DENO-TLS-UNCHECKED).
  if (!fits(cert, key)) {
    throw new TypeError("the key is not that of the certificate");
  }
  return createSecureContext(contextOptions(material, identity));
}
