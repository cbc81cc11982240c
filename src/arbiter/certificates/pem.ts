/** What a file in PEM holds (RFC 7468). */

/** A block of it. */
export interface PemBlock {
  /** Such as `CERTIFICATE`. */
  readonly label: string;
  /** The block with its first and last line. */
  readonly text: string;
}

/** The blocks of a text; whatever stands between them says nothing. */
function pemBlocks(text: string): PemBlock[] {
  const found = text.matchAll(
    /-----BEGIN ([A-Z0-9 ]+)-----\r?\n(?:(?!-----)[\s\S])+?-----END \1-----/g,
  );
  return [...found].map(([block, label = ""]) => ({
    label,
    text: `${block}\n`,
  }));
}

/** The certificates among the blocks. */
export function certificatesOf(text: string): string[] {
  return pemBlocks(text)
    .filter(({ label }) => /^(?:TRUSTED |X509 )?CERTIFICATE$/.test(label))
    .map(({ text }) => text);
}

/** The private keys among them. */
export function keysOf(text: string): PemBlock[] {
  return pemBlocks(text).filter(({ label }) => label.endsWith("PRIVATE KEY"));
}

/** True for a key that takes a passphrase: of PKCS #8, or as OpenSSL wrote them before (RFC 1421). */
export function isEncrypted({ label, text }: PemBlock): boolean {
  return label.startsWith("ENCRYPTED ") ||
    /^Proc-Type: 4,ENCRYPTED/m.test(text);
}

/** True for a text that was bytes in DER: a SEQUENCE with a long length. */
export function looksLikeDer(text: string): boolean {
  return text.startsWith("0") && (text.codePointAt(1) ?? 0) > 0x7f;
}
