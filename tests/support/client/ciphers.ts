/** What a server of TLS speaks, found as testssl does: by offering it less and less. */
import { typeInto } from "./openssl.ts";

/** What OpenSSL's own client can offer, the worst too. */
const ALL = "ALL:COMPLEMENTOFALL:@SECLEVEL=0";
const SUITES = [
  ...["TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"],
  ...["TLS_AES_128_GCM_SHA256", "TLS_AES_128_CCM_SHA256"],
  "TLS_AES_128_CCM_8_SHA256",
];

export const VERSIONS = ["tls1", "tls1_1", "tls1_2", "tls1_3"] as const;
export type Version = typeof VERSIONS[number];

/** The ciphers of a version that a server takes, those that it likes best first. */
export async function spokenCiphers(
  port: number,
  version: Version,
): Promise<string[]> {
  const found: string[] = [];
  for (;;) {
    const next = await chosen(port, offerOf(version, found));
    if (next === undefined || found.includes(next)) return found;
    found.push(next);
  }
}

function offerOf(version: Version, without: readonly string[]): string[] {
  if (version === "tls1_3") {
    const left = SUITES.filter((one) => !without.includes(one));
    return ["-tls1_3", "-ciphersuites", left.join(":")];
  }
  const list = [ALL, ...without.map((one) => `!${one}`)].join(":");
  return [`-${version}`, "-cipher", list];
}

async function chosen(
  port: number,
  offer: readonly string[],
): Promise<string | undefined> {
  if (offer.at(-1) === "") return undefined;
  const { output } = await typeInto(port, offer);
  const cipher = /Cipher is (\S+)/.exec(output)?.[1];
  return cipher === "(NONE)" ? undefined : cipher;
}
