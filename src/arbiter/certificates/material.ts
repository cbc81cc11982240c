/** What workers speak TLS with, from the files that a config names. */
import { codeOf, ConfigError, messageOf } from "../../base/errors.ts";
import { quote } from "../../base/refusal.ts";
import type { SettingName } from "../../config/table/settings.ts";
import type { Config } from "../../config/table/types.ts";
import { formatCertificate } from "../../config/values/certificates.ts";
import type {
  CertificateFacts,
  Certificates,
  ClientCertificates,
  Files,
  RuntimeName,
  TlsMaterial,
  TlsVersion,
} from "../../runtime/runtime.ts";
import { FileRefusal, readAll, readPair } from "./pair.ts";
import type { Pair, PemFile } from "./pair.ts";
import { certificatesOf } from "./pem.ts";

type Asked = Pick<Config, "settings" | "origins">;

/** A certificate that is served. */
export interface ServedCertificate extends CertificateFacts {
  /** The name that it is served for, else its own first one. */
  readonly name: string;
  readonly file: string;
  /** Why clients may refuse its chain; undefined where nothing is seen. */
  readonly doubt: string | undefined;
}

/** What the files hold, by their paths. */
export type Texts = ReadonlyMap<string, string>;

/** What came of them. */
export interface Reading {
  readonly texts: Texts;
  readonly material: TlsMaterial;
  /** The first is for clients that ask for no name. */
  readonly certificates: readonly ServedCertificate[];
}

/** A file by the setting that names it. */
interface Named {
  readonly setting: SettingName;
  readonly value: string;
  readonly path: string;
}

/** Where the certificate of a name is, or the one for all others. */
interface Place {
  readonly name: string | undefined;
  readonly cert: Named;
  readonly key: Named;
}

function placesOf({ settings }: Asked): Place[] {
  const { certfile = "", keyfile, sni } = settings;
  const cert: Named = { setting: "certfile", value: certfile, path: certfile };
  const key: Named = keyfile === undefined
    ? cert
    : { setting: "keyfile", value: keyfile, path: keyfile };
  const byName = sni.map((one): Place => {
    const given = {
      setting: "sni",
      value: formatCertificate(one),
    } as const;
    const { name, certfile, keyfile = certfile } = one;
    return {
      name,
      cert: { ...given, path: certfile },
      key: { ...given, path: keyfile },
    };
  });
  return [{ name: undefined, cert, key }, ...byName];
}

function clientsOf({ settings: { caCerts } }: Asked): Named | undefined {
  return caCerts === undefined
    ? undefined
    : { setting: "caCerts", value: caCerts, path: caCerts };
}

/** Reads every file that the settings name. @throws ConfigError */
export function readTexts(
  config: Asked,
  files: Pick<Files, "readText">,
): Texts {
  const texts = new Map<string, string>();
  const clients = clientsOf(config);
  const all = [
    ...placesOf(config).flatMap(({ cert, key }) => [cert, key]),
    ...(clients === undefined ? [] : [clients]),
  ];
  for (const named of all) {
    if (texts.has(named.path)) continue;
    try {
      const text = files.readText(named.path);
      if (text === undefined) throw new FileRefusal(named.path, "no such file");
      texts.set(named.path, text);
    } catch (cause) {
      throw explained(config, named, { cause, reason: unreadable(cause) });
    }
  }
  return texts;
}

function unreadable(cause: unknown): string {
  if (cause instanceof FileRefusal) return cause.message;
  switch (codeOf(cause)) {
    case "EACCES":
    case "EPERM":
      return "permission denied, this user may not read it";
    case "EISDIR":
      return "it is a folder";
    default:
      return messageOf(cause);
  }
}

/** Makes of the texts what workers are given. @throws ConfigError where it cannot be served */
export function readMaterial(
  config: Asked,
  texts: Texts,
  library: Certificates,
): Reading {
  const { certReqs, ciphers, tlsMinVersion } = config.settings;
  const pairs = placesOf(config).map((place) => ({
    place,
    pair: pairAt(config, place, { texts, library }),
  }));
  const [first, ...named] = pairs as [typeof pairs[0], ...typeof pairs];
  const ca = clientAuthorities(config, { texts, library });
  return {
    texts,
    material: {
      ...first.pair.identity,
      ...(ca !== undefined && { ca }),
      names: named.map(({ place: { name = "" }, pair }) => ({
        name,
        ...pair.identity,
      })),
      clientCertificates: certReqs as ClientCertificates,
      minVersion: tlsMinVersion as TlsVersion,
      ...(ciphers !== undefined && { ciphers }),
    },
    certificates: pairs.map(({ place, pair: { facts, doubt } }) => ({
      ...facts,
      name: place.name ?? facts.names[0] as string,
      file: place.cert.path,
      doubt,
    })),
  };
}

interface Source {
  readonly texts: Texts;
  readonly library: Certificates;
}

function pairAt(
  config: Asked,
  { cert, key }: Place,
  { texts, library }: Source,
): Pair {
  const file = ({ path }: Named): PemFile => ({
    path,
    text: texts.get(path) ?? "",
  });
  return explaining(
    config,
    [key, cert],
    () => readPair({ cert: file(cert), key: file(key) }, library),
  );
}

/** Those that sign the clients' certificates. @throws ConfigError */
function clientAuthorities(
  config: Asked,
  { texts, library }: Source,
): string | undefined {
  const named = clientsOf(config);
  if (named === undefined) return undefined;
  const { path } = named;
  const text = texts.get(path) ?? "";
  const found = certificatesOf(text);
  return explaining(config, [named], () => {
    if (found.length === 0) {
      throw new FileRefusal(path, "it holds no certificate in PEM");
    }
    readAll({ path, text }, found, library);
    return found.join("");
  });
}

/** Says of what is wrong with a file which setting names it. @throws ConfigError */
function explaining<Result>(
  config: Asked,
  files: readonly Named[],
  read: () => Result,
): Result {
  try {
    return read();
  } catch (cause) {
    const named = cause instanceof FileRefusal &&
      files.find(({ path }) => path === cause.path);
    if (!named) throw cause;
    throw explained(config, named, { cause, reason: cause.message });
  }
}

/** Asks what workers speak TLS with, as far as it can be asked from here. @throws ConfigError */
export function checkMaterial(
  { settings, origins }: Asked,
  material: TlsMaterial,
  { library, own, workers }: {
    readonly library: Certificates;
    /** The runtime of this process. */
    readonly own: RuntimeName;
    readonly workers: RuntimeName;
  },
): void {
  // It takes a list, and speaks all that it knows (2.9.5, DENO-TLS-CIPHERS).
  if (workers === "deno" && settings.ciphers !== undefined) {
    throw new ConfigError(
      `Cannot use ciphers ${
        quote(settings.ciphers)
      } from ${origins.ciphers}: deno speaks all that it knows, leave it out or give --runtime node`,
    );
  }
  if (own !== workers) return;
  try {
    library.check(material);
  } catch (cause) {
    const unknown = codeOf(cause) === "ERR_SSL_NO_CIPHER_MATCH";
    const setting = unknown ? "ciphers" : "certfile";
    throw new ConfigError(
      `Cannot use ${setting} ${quote(settings[setting])} from ${
        origins[setting]
      }: ${
        unknown ? "no cipher of this runtime has such a name" : messageOf(cause)
      }`,
      { cause },
    );
  }
}

function explained(
  { origins }: Asked,
  { setting, value, path }: Named,
  { cause, reason }: { readonly cause?: unknown; readonly reason: string },
): ConfigError {
  const where = value === path ? "" : `${path}: `;
  return new ConfigError(
    `Cannot use ${setting} ${quote(value)} from ${
      origins[setting]
    }: ${where}${reason}`,
    { cause },
  );
}
