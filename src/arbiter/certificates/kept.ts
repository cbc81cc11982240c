/** The certificates of one config, by the newest files that can be served. */
import { ConfigError } from "../../base/errors.ts";
import type { Config } from "../../config/table/types.ts";
import type {
  Certificates,
  Files,
  RuntimeName,
  TlsMaterial,
} from "../../runtime/runtime.ts";
import { day, setback } from "./expiry.ts";
import { checkMaterial, readMaterial, readTexts } from "./material.ts";
import type { Reading, ServedCertificate, Texts } from "./material.ts";

/** Bytes of a key for session tickets, as node:tls takes them. */
const TICKET_BYTES = 48;

export interface KeptOptions {
  readonly config: Pick<Config, "settings" | "origins">;
  readonly files: Pick<Files, "readText">;
  readonly library: Certificates;
  /** The runtimes of this process and of the workers. */
  readonly own: RuntimeName;
  readonly workers: RuntimeName;
  now(): Date;
}

/** What a look at the files came to. */
export type Look =
  | { readonly about: "same" }
  /** Workers are to be told; the texts are for the log. */
  | { readonly about: "renewed"; readonly texts: readonly string[] }
  /** The old ones stay. */
  | { readonly about: "refused"; readonly reason: string };

export class KeptCertificates {
  readonly #options: KeptOptions;
  #reading: Reading;
  #tickets: string | undefined;

  /** @throws ConfigError where there is nothing that could be served */
  constructor(options: KeptOptions) {
    this.#options = options;
    this.#reading = this.#read(this.#texts());
    this.rotate();
  }

  /** What workers are given. */
  get material(): TlsMaterial {
    const { material } = this.#reading;
    return this.#tickets === undefined
      ? material
      : { ...material, ticketKeys: this.#tickets };
  }

  get certificates(): readonly ServedCertificate[] {
    return this.#reading.certificates;
  }

  /** Makes another key for session tickets; false where workers share none. */
  rotate(): boolean {
    // Elsewhere a runtime takes none (BUN-TLS-TICKETS, DENO-TLS-TICKETS).
    if (this.#options.workers !== "node") return false;
    this.#tickets = this.#options.library.secret(TICKET_BYTES);
    return true;
  }

  /** Reads the files, and takes what is new in them where it can be served and is no worse. */
  look(): Look {
    const before = this.#reading;
    let next: Reading;
    try {
      const texts = this.#texts();
      if (isSame(texts, before.texts)) return { about: "same" };
      next = this.#read(texts);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return { about: "refused", reason: error.message };
    }
    const now = this.#options.now();
    for (const [index, one] of next.certificates.entries()) {
      const reason = setback(one, before.certificates[index], now);
      if (reason !== undefined) return { about: "refused", reason };
    }
    this.#reading = next;
    // A resumed session is not verified again (RFC 8446 section 4.6.1): tickets
    // of clients that other authorities vouched for must not be accepted.
    if (next.material.ca !== before.material.ca) this.rotate();
    return { about: "renewed", texts: changes(before, next) };
  }

  #texts(): Texts {
    return readTexts(this.#options.config, this.#options.files);
  }

  #read(texts: Texts): Reading {
    const { config, library } = this.#options;
    const reading = readMaterial(config, texts, library);
    checkMaterial(config, reading.material, this.#options);
    return reading;
  }
}

/** By what they hold: a file may be written twice within what its times tell apart. */
function isSame(one: Texts, other: Texts): boolean {
  return [...one].every(([path, text]) => other.get(path) === text);
}

function changes(before: Reading, next: Reading): string[] {
  const renewed = next.certificates.flatMap((one, index) =>
    one.fingerprint === before.certificates[index]?.fingerprint
      ? []
      : [`Certificate of ${one.name} renewed: until ${day(one.until)}`]
  );
  const { ca } = next.material;
  return [
    ...renewed,
    ...(ca === before.material.ca
      ? []
      : ["Certificates by which clients are judged renewed"]),
  ];
}
