/** Client-Cert and Client-Cert-Chain, RFC 9440: the certificate by which a client was known to the proxy that took TLS off. */
import { BoundedMap } from "../../base/bounded-map.ts";
import { trimmed } from "../../base/http/field-list.ts";
import { readCertificate } from "../../http/tls/certificate.ts";
import type {
  ForwardedCertificate,
  PeerCertificate,
} from "../../runtime/tls.ts";

/** The header of the certificate, and that of those between it and a root. */
export const CLIENT_CERT = "client-cert";
export const CLIENT_CERT_CHAIN = "client-cert-chain";

/** A byte sequence of RFC 8941 section 3.3.5, with its padding. */
const BYTES =
  /^:((?:[A-Za-z\d+/]{4})+|(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)):$/;

/** No certificate of a client is longer. */
const MAX_LENGTH = 16 * 1024;
/** Certificates between one and a root at most; there are seldom more than two. */
const MAX_CHAIN = 10;

/** A client sends many requests one after the other. */
const read = new BoundedMap<string, ForwardedCertificate>(128);

/** Reads both headers; undefined where one is not valid. */
export function parseClientCert(
  text: string,
  chainText: string | undefined,
): ForwardedCertificate | undefined {
  // An empty chain is not valid, as none is.
  const key = chainText === undefined ? text : `${text}\n${chainText}`;
  const before = read.get(key);
  if (before !== undefined) return before;
  const certificate = readBytes(text);
  const chain = chainText === undefined ? [] : readChain(chainText);
  if (certificate === undefined || chain === undefined) return undefined;
  const forwarded = { ...certificate, chain };
  if (key.length <= MAX_LENGTH) read.set(key, forwarded);
  return forwarded;
}

function readChain(text: string): PeerCertificate[] | undefined {
  const entries = text.split(",", MAX_CHAIN + 1);
  if (entries.length > MAX_CHAIN) return undefined;
  const chain: PeerCertificate[] = [];
  for (const entry of entries) {
    const certificate = readBytes(trimmed(entry));
    if (certificate === undefined) return undefined;
    chain.push(certificate);
  }
  return chain;
}

function readBytes(text: string): PeerCertificate | undefined {
  const encoded = text.length > MAX_LENGTH ? undefined : BYTES.exec(text)?.[1];
  if (encoded === undefined) return undefined;
  try {
    return readCertificate(
      Uint8Array.from(atob(encoded), (one) => one.charCodeAt(0)),
    );
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
