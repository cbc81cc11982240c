/** Headers that say which scheme a client used. */
import { ConfigError } from "../../base/errors.ts";
import { quote } from "../../base/refusal.ts";
import type { Config } from "../table/types.ts";

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
