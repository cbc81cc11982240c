/** Headers that can be believed beside those of the scheme. */
export type ForwardingHeader =
  | "client-cert"
  | "forwarded"
  | "x-forwarded-for"
  | "x-forwarded-host"
  | "x-forwarded-port";

/** Which proxies are believed, and which of their headers. */
export interface ForwardingRules {
  /** Peers whose headers are believed, see `src/base/addresses/networks.ts`. */
  readonly allow: readonly string[];
  /** Proxies on a client's way at most. */
  readonly hops: number;
  readonly headers: readonly ForwardingHeader[];
  /** Header names in lower case, each with the value that means https. */
  readonly secureSchemes: Readonly<Record<string, string>>;
  /** What becomes of forwarding headers that are not believed. */
  readonly unbelieved: "keep" | "remove";
}
