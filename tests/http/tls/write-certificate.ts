/** Certificates as tests want them, which no tool would make: nothing is signed. */
import { Tag } from "../../../src/http/tls/der.ts";
import { der, latin1 } from "./write-der.ts";

/** A part of a name: the bytes of its kind, and its value. */
export type NamePart = readonly [type: readonly number[], value: Uint8Array];

/** `2.5.4.3`. */
export const COMMON_NAME: readonly number[] = [0x55, 4, 3];

/** A name of parts in the order of the certificate, some of which are several. */
export function name(
  ...parts: readonly (readonly NamePart[])[]
): Uint8Array<ArrayBuffer> {
  return der(
    Tag.sequence,
    ...parts.map((pairs) =>
      der(
        Tag.set,
        ...pairs.map(([type, value]) =>
          der(Tag.sequence, der(Tag.oid, Uint8Array.from(type)), value)
        ),
      )
    ),
  );
}

/** A common name of UTF-8. */
export function commonName(text: string): NamePart {
  return [COMMON_NAME, der(Tag.utf8, new TextEncoder().encode(text))];
}

/** What a certificate is made of, where it is not as usual. */
export interface CertificateParts {
  /** Nothing where it is not written. */
  readonly version?: Uint8Array;
  readonly serial?: Uint8Array;
  readonly subject?: Uint8Array;
  readonly validity?: Uint8Array;
  /** What follows the key. */
  readonly more?: readonly Uint8Array[];
}

const moment = (text: string) => der(Tag.utcTime, latin1(text));

/** A certificate of `CN=a` by `CN=b`, of 2026. */
export function plainCertificate({
  version = der(0xa0, der(Tag.integer, Uint8Array.of(2))),
  serial = der(Tag.integer, Uint8Array.of(0, 0xab, 1)),
  subject = name([commonName("a")]),
  validity = der(
    Tag.sequence,
    moment("260102030405Z"),
    moment("270102030405Z"),
  ),
  more = [],
}: CertificateParts = {}): Uint8Array<ArrayBuffer> {
  const empty = der(Tag.sequence);
  return der(
    Tag.sequence,
    der(
      Tag.sequence,
      version,
      serial,
      empty,
      name([commonName("b")]),
      validity,
      subject,
      empty,
      ...more,
    ),
    empty,
    der(0x03, Uint8Array.of(0)),
  );
}
