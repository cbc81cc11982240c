/** Certificates for the names that clients ask for (SNI, RFC 6066 section 3). */
import { Refusal } from "../../base/refusal.ts";
import type { NamedCertificate } from "./named-certificate.ts";
import { parsePath } from "./scalars.ts";
import type { Setting } from "./setting.ts";

const GIVE = "give NAME=CERT or NAME=CERT:KEY";

/** A host name, with one star in place of its first label at most. */
const NAME =
  /^(?:\*\.)?(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*$/;

/** Reads `NAME=CERT[:KEY]`, one or many, or an object of names. */
export function parseCertificates(
  value: unknown,
  setting: Setting,
): readonly NamedCertificate[] {
  const pairs = typeof value === "object" && value !== null &&
      !Array.isArray(value)
    ? Object.entries(value)
    : (Array.isArray(value) ? value : [value]).map(split);
  const read = pairs.map((pair) => readPair(pair, setting));
  const twice = read.find(({ name }, at) =>
    read.slice(0, at).some((earlier) => earlier.name === name)
  );
  if (twice !== undefined) {
    throw new Refusal("the name is given twice", twice.name);
  }
  return read;
}

function split(text: unknown): readonly [string, string] {
  const at = typeof text === "string" ? text.indexOf("=") : 0;
  if (at <= 0) throw new Refusal(GIVE, String(text));
  return [(text as string).slice(0, at), (text as string).slice(at + 1)];
}

function readPair(
  [given, files]: readonly [string, unknown],
  setting: Setting,
): NamedCertificate {
  if (typeof files !== "string") throw new Refusal(GIVE, given);
  const [certfile, keyfile, ...more] = files.split(":");
  if (more.length > 0) {
    throw new Refusal(`a path may hold no ":", ${GIVE}`, `${given}=${files}`);
  }
  return {
    name: readName(given),
    certfile: parsePath(certfile, setting),
    keyfile: keyfile === undefined ? undefined : parsePath(keyfile, setting),
  };
}

/** The name as clients send it: in ASCII, see RFC 5890. */
function readName(given: string): string {
  const [star, host] = given.startsWith("*.")
    ? ["*.", given.slice(2)]
    : ["", given];
  const url = `http://${host}/`;
  const ascii = URL.canParse(url) ? new URL(url).hostname : "";
  if (NAME.test(ascii) && !/^[\d.]+$/.test(ascii)) return star + ascii;
  throw new Refusal(
    /^[\d.]+$|:/.test(host)
      ? "clients send no address by SNI, only names: the certificate of an address is certfile"
      : "give a host name, such as example.org or *.example.org",
    given,
  );
}

/** As it is written. */
export function formatCertificate(
  { name, certfile, keyfile }: NamedCertificate,
): string {
  return `${name}=${certfile}${keyfile === undefined ? "" : `:${keyfile}`}`;
}
