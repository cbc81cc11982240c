/** Which proxies are believed, and what of what they say. */
import { ConfigError } from "../errors.ts";
import type { ForwardingHeader, ForwardingRules } from "../messages.ts";
import { quote } from "./refusal.ts";
import type { Config, Settings } from "./types.ts";

/** A header's name, RFC 9110 section 5.1. */
const NAME = /^[!#$%&'*+\-.^_`|~\w]+$/;

/** Refuses names that no header has. @throws ConfigError */
export function checkForwarding({ settings, origins }: Config): void {
  for (const name of Object.keys(settings.secureSchemeHeaders)) {
    if (NAME.test(name)) continue;
    throw new ConfigError(
      `Cannot use secureSchemeHeaders ${
        quote(name)
      } from ${origins.secureSchemeHeaders}: no header has such a name`,
    );
  }
}

/** The rules as a worker takes them. */
export function forwardingRules(settings: Settings): ForwardingRules {
  return {
    allow: settings.forwardedAllowIps,
    hops: settings.trustedHops,
    headers: settings.forwardedHeaders as readonly ForwardingHeader[],
    secureSchemes: Object.fromEntries(
      Object.entries(settings.secureSchemeHeaders).map((pair) =>
        pair.map((text) => text.toLowerCase())
      ),
    ),
    unbelieved: settings.unbelievedHeaders,
  };
}
