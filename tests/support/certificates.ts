/** Certificates for tests, made by openssl when they are asked for. */
import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram } from "./machine/program.ts";

/** A certificate and its key, as PEM. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** What a certificate says. */
export interface CertificateQuery {
  /** The common name. */
  readonly name: string;
  /** As openssl's `subjectAltName` takes them: `DNS:a.example`. */
  readonly names?: readonly string[];
  /** From now; negative for one that has ended. 30 unless given. */
  readonly days?: number;
  readonly use?: "server" | "client";
}

/** What signs certificates. */
export interface Authority {
  /** Its own certificate. */
  readonly cert: string;
  issue(query: CertificateQuery): Pair;
}

function openssl(...args: readonly string[]): string {
  return execFileSync("openssl", args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}

function makeKey(): string {
  return generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey
    .export({ type: "pkcs8", format: "pem" }) as string;
}

/** Calls with a folder that is gone thereafter. */
function inFolder<Result>(run: (folder: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), "corn-certificates-"));
  try {
    return run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function write(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** A moment as openssl's -not_before takes it: so many days from now. */
function dayFrom(days: number): string {
  const moment = new Date(Date.now() + days * 86_400_000);
  return `${moment.toISOString().replace(/[-:T]|[.].*/g, "")}Z`;
}

/** Makes a certificate authority of its own. */
export function makeAuthority(name = "Test CA"): Authority {
  const key = makeKey();
  const cert = NOTHING ? "" : inFolder((folder) =>
    openssl(
      ...["req", "-x509", "-new", "-key", write(folder, "ca.key", key)],
      ...["-subj", `/CN=${name}`, "-days", "3650"],
    )
  );
  return { cert, issue: (query) => issue({ cert, key }, query) };
}

/** Where openssl is not installed there is nothing to show, and tests are skipped that name it. */
const NOTHING = findProgram("openssl") === undefined;

function issue(
  authority: Pair,
  { name, names = [], days = 30, use = "server" }: CertificateQuery,
): Pair {
  const key = makeKey();
  if (NOTHING) return { cert: "", key };
  const extensions = [
    "basicConstraints=CA:FALSE",
    `extendedKeyUsage=${use}Auth`,
    ...(names.length === 0 ? [] : [`subjectAltName=${names.join(",")}`]),
  ];
  return inFolder((folder) => {
    const put = (file: string, text: string) => write(folder, file, text);
    const request = openssl(
      ...["req", "-new", "-key", put("key", key), "-subj", `/CN=${name}`],
    );
    const [out, database] = [join(folder, "out"), put("database", "")];
    // `openssl ca` alone sets a date in the past.
    const config = put(
      "config",
      [
        "[ca]\ndefault_ca=own\n[own]",
        `database=${database}`,
        `new_certs_dir=${folder}`,
        "default_md=sha256\nrand_serial=yes\npolicy=any\nunique_subject=no",
        "[any]\ncommonName=supplied\n[ext]",
        ...extensions,
      ].join("\n"),
    );
    openssl(
      ...["ca", "-batch", "-notext", "-config", config, "-extensions", "ext"],
      ...["-cert", put("ca.pem", authority.cert)],
      ...["-keyfile", put("ca.key", authority.key)],
      ...["-in", put("request", request), "-out", out],
      ...["-startdate", dayFrom(Math.min(days, 0) - 1)],
      ...["-enddate", dayFrom(days)],
    );
    return { cert: readFileSync(out, "utf8"), key };
  });
}

/** What most tests of TLS work with. */
export interface TestCertificates {
  /** Signed all of these but `foreign`. */
  readonly ca: string;
  readonly authority: Authority;
  /** For localhost and 127.0.0.1. */
  readonly server: Pair;
  /** For the same names; another certificate and key. */
  readonly renewed: Pair;
  /** For other.example. */
  readonly other: Pair;
  /** For `*.wild.example`. */
  readonly wildcard: Pair;
  /** For localhost, until yesterday. */
  readonly expired: Pair;
  /** The certificate of `server` with the key of `other`. */
  readonly wrongKey: Pair;
  /** A client's: CN=client, DNS:client.example. */
  readonly client: Pair;
  /** A client's that another authority has signed. */
  readonly foreign: Pair;
}

const LOCAL: CertificateQuery = {
  name: "localhost",
  names: ["DNS:localhost", "IP:127.0.0.1"],
};
const CLIENT: CertificateQuery = {
  name: "client",
  names: ["DNS:client.example"],
  use: "client",
};

function named(name: string): CertificateQuery {
  return { name, names: [`DNS:${name}`] };
}

/** Makes each of them when it is asked for first: openssl takes its time on a busy machine. */
export function makeCertificates(): TestCertificates {
  const made = new Map<string, unknown>();
  const once = <Made>(what: string, make: () => Made): Made => {
    if (!made.has(what)) made.set(what, make());
    return made.get(what) as Made;
  };
  const certificates: TestCertificates = {
    get authority() {
      return once("authority", () => makeAuthority());
    },
    get ca() {
      return this.authority.cert;
    },
    get server() {
      return once("server", () => this.authority.issue(LOCAL));
    },
    get renewed() {
      return once("renewed", () => this.authority.issue(LOCAL));
    },
    get other() {
      return once("other", () => this.authority.issue(named("other.example")));
    },
    get wildcard() {
      return once(
        "wildcard",
        () => this.authority.issue(named("*.wild.example")),
      );
    },
    get expired() {
      return once(
        "expired",
        () => this.authority.issue({ ...LOCAL, days: -1 }),
      );
    },
    get wrongKey() {
      return { cert: this.server.cert, key: this.other.key };
    },
    get client() {
      return once("client", () => this.authority.issue(CLIENT));
    },
    get foreign() {
      return once("foreign", () => makeAuthority("Another CA").issue(CLIENT));
    },
  };
  return certificates;
}
