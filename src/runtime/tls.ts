/** TLS as a worker is given it, and as a request tells of it. */

/** A certificate and its key. */
export interface TlsIdentity {
  /** PEM: the certificate, then those between it and a root. */
  readonly cert: string;
  /** PEM, not encrypted. */
  readonly key: string;
}

/** What is shown to clients that ask for a name. */
export interface TlsName extends TlsIdentity {
  /** A host name in lower case, or `*.example.org` for those one label below it. */
  readonly name: string;
}

/** Whether clients are asked for certificates; one that is given must be valid in either case. */
export const CLIENT_CERTIFICATES = ["none", "optional", "required"] as const;
export type ClientCertificates = typeof CLIENT_CERTIFICATES[number];

/** The oldest version that is spoken. */
export const TLS_VERSIONS = ["1.2", "1.3"] as const;
export type TlsVersion = typeof TLS_VERSIONS[number];

/** All that a worker needs to speak TLS; the identity is for clients that ask for none of the names. */
export interface TlsMaterial extends TlsIdentity {
  /** PEM: the certificates by which those of clients are judged. */
  readonly ca?: string;
  readonly names: readonly TlsName[];
  readonly clientCertificates: ClientCertificates;
  readonly minVersion: TlsVersion;
  /** As OpenSSL lists them; the runtime's own where it is left out. */
  readonly ciphers?: string;
  /** 48 bytes in base64 by which workers take each other's tickets, where the runtime can: Node. */
  readonly ticketKeys?: string;
}

/** The certificate of the other end of a connection. */
export interface PeerCertificate {
  /** The certificate itself. */
  readonly der: Uint8Array<ArrayBuffer>;
  /** Distinguished names, as RFC 4514 writes them: `CN=client,O=Example`. */
  readonly subject: string;
  /** Of who has signed it, likewise. */
  readonly issuer: string;
  /** Each with its kind: `DNS:client.example`, `IP:10.0.0.1`, `email:`, `URI:`. */
  readonly subjectAltNames: readonly string[];
  /** Hexadecimal. */
  readonly serialNumber: string;
  /** SHA-256 of `der` in hexadecimal, with a colon between bytes. */
  readonly fingerprint256: string;
  /** It holds from then on … */
  readonly validFrom: Date;
  /** … until then. */
  readonly validTo: Date;
}

/** A certificate that a trusted proxy has told of. */
export interface ForwardedCertificate extends PeerCertificate {
  /** Those between it and a root, as far as the proxy tells. */
  readonly chain: readonly PeerCertificate[];
}

/** What a connection's handshake came to. */
export interface TlsHandshake {
  /** `TLSv1.3`. */
  readonly protocol: string;
  /** As OpenSSL names it: `TLS_AES_256_GCM_SHA384`. */
  readonly cipher: string;
  /** The name that the client asked for. */
  readonly servername?: string;
  /** True where the client has shown a certificate, and one of `ca` vouches for it. */
  readonly authorized: boolean;
  /** DER: the certificate that the client has shown. */
  readonly certificate?: Uint8Array<ArrayBuffer>;
}

/** The same as apps see it: `ctx.tls`. */
export interface TlsPeer extends Omit<TlsHandshake, "certificate"> {
  /** The certificate that the client has shown; read when it is asked for first. */
  peerCertificate(): PeerCertificate | undefined;
}
