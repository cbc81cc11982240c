/** What each value type holds, and what a config file may write for it. */
import type { Address } from "../../runtime/runtime.ts";
import type { Target } from "../../outbox/receiver.ts";
import type { Bind } from "./address.ts";
import type { NamedCertificate } from "./named-certificate.ts";
import type { Mount } from "./mount.ts";
import type { Endpoint } from "./endpoint.ts";

/** From the least to the most; `auto` is known on the machine alone. */
export interface CountRange {
  readonly min: number | "auto";
  readonly max: number | "auto";
}

/**
 * From the name of a value type to what a setting of it holds.
 *
 * @internal
 */
export interface TypeMap {
  /** On or off. */
  boolean: boolean;
  /** A whole number. */
  count: number;
  /** A whole number, or from which to which. */
  range: number | CountRange;
  /** Seconds. */
  duration: number;
  /** Bytes. */
  size: number;
  /** Permission bits. */
  octal: number;
  /** One of the entry's words. */
  choice: string;
  /** A file or folder. */
  path: string;
  /** A path of URLs, empty or with a slash in front. */
  urlPath: string;
  /** Any text. */
  string: string;
  /** Some of the entry's words. */
  choices: readonly string[];
  /** Files, folders or patterns for files. */
  paths: readonly string[];
  /** Folders of files, and the paths that they are served below. */
  folders: readonly Mount[];
  /** Certificates for the names that clients ask for. */
  certificates: readonly NamedCertificate[];
  /** Where a debugger attaches, undefined where it is off. */
  endpoint: Endpoint | undefined;
  /** Words of a command line. */
  words: readonly string[];
  /** How lines of the access log are written. */
  accessFormat: string;
  /** What the access log leaves out. */
  skipRules: readonly string[];
  /** An address to listen on. */
  address: Address;
  /** Addresses to listen on. */
  addresses: readonly Bind[];
  /** Addresses and networks of peers. */
  networks: readonly string[];
  /** Seconds, rising. */
  durations: readonly number[];
  /** Ports. */
  ports: readonly number[];
  /** Environment variables. */
  pairs: Readonly<Record<string, string>>;
  /** Where messages are sent to. */
  receiver: Target;
}

/**
 * From the name of a value type to what a config file may write for it.
 *
 * @internal
 */
export interface InputMap {
  /** On or off. */
  boolean: boolean;
  /** A whole number. */
  count: number | `${number}`;
  /** A whole number, or text such as `2..8` or `2..auto`. */
  range:
    | number
    | `${number}`
    | `${number | "auto"}..${number | "auto"}`
    | `${number | "auto"}..`;
  /** Seconds, or text with a unit: `200ms`, `1.5s`, `2m`, `1h`. */
  duration: number | `${number}` | `${number}${"ms" | "s" | "m" | "h"}`;
  /** Bytes, or text with a unit: `64k`, `512m`, `1.5g`. */
  size: number | string;
  /** Permission bits: a number as it is, text as octal. */
  octal: number | string;
  /** One of the entry's words. */
  choice: string;
  /** A file or folder. */
  path: string;
  /** A path of URLs. */
  urlPath: string;
  /** Any text. */
  string: string;
  /** Some of the entry's words; a text may be a list with commas. */
  choices: string | readonly string[];
  /** One file or pattern, or many. */
  paths: string | readonly string[];
  /** One folder, `DIR` or `DIR=/PATH`, or many. */
  folders: string | readonly string[];
  /** `NAME=CERT[:KEY]`, one or many, or an object of names. */
  certificates: string | readonly string[] | Readonly<Record<string, string>>;
  /** On or off, a port, or `HOST:PORT`. */
  endpoint: boolean | number | string;
  /** A list of words, each as it is, or text that is split into words as a shell does. */
  words: string | readonly string[];
  /** A preset's name, or text with atoms. */
  accessFormat: string;
  /** One rule, or many. */
  skipRules: string | readonly string[];
  /** An address to listen on. */
  address: string;
  /** Addresses to listen on; each text may be a list with commas. */
  addresses: string | readonly string[];
  /** Addresses and networks of peers; each text may be a list with commas. */
  networks: string | readonly string[];
  /** Durations, rising; a text may be a list with commas. */
  durations: number | string | readonly (number | string)[];
  /** One port, or many; a text may be a list with commas. */
  ports: number | string | readonly (number | string)[];
  /** Environment variables: `NAME=VALUE`, or an object. */
  pairs:
    | readonly string[]
    | Readonly<Record<string, string | number | boolean>>;
  /** Where messages are sent to: `udp://HOST:PORT`, `unix:///PATH`. */
  receiver: string;
}

/** The name of a value type. */
export type TypeName = keyof TypeMap;
