/** Whether what is said of TLS fits together. */
import { ConfigError } from "../../base/errors.ts";
import { quote } from "../../base/refusal.ts";
import { flagOf, type SettingName } from "../table/settings.ts";
import type { Config } from "../table/types.ts";
import { formatValue } from "../table/values.ts";
import { formatBind, schemeOf } from "../values/address.ts";

type Checked = Pick<Config, "settings" | "origins">;

/** What says something of a certificate. */
const NEEDS_CERTIFICATE = [
  ...["keyfile", "sni", "caCerts", "certReqs"],
  ...["ciphers", "tlsMinVersion", "redirectHttps"],
] as readonly SettingName[];

/** Refuses what does not fit together. @throws ConfigError */
export function checkTls(config: Checked): void {
  const { settings, origins } = config;
  const { bind, caCerts, certfile, certReqs, redirectHttps } = settings;
  if (certfile === undefined) return checkWithout(config);
  if (settings.http === "native") {
    throw refusal(
      config,
      "certfile",
      `TLS is spoken by the wire engine, and ${
        flagOf("http")
      } native is from ${origins.http}: leave that out`,
    );
  }
  if (bind.every(({ kind }) => kind === "unix")) {
    throw refusal(
      config,
      "certfile",
      `every address is a unix socket, which stays plain: give a TCP address, such as ${
        flagOf("bind")
      } https://0.0.0.0:8443`,
    );
  }
  const schemes = bind.filter(({ kind }) => kind !== "unix")
    .map((one) => schemeOf(one, settings));
  if (!schemes.includes("https")) {
    throw refusal(
      config,
      "certfile",
      "every address is http://: give one with https://, or without a scheme",
    );
  }
  if (certReqs !== "none" && caCerts === undefined) {
    throw refusal(
      config,
      "certReqs",
      `nothing says who signs the clients' certificates: give ${
        flagOf("caCerts")
      }`,
    );
  }
  if (redirectHttps && !schemes.includes("http")) {
    throw refusal(
      config,
      "redirectHttps",
      `no address is plain: give ${
        flagOf("bind")
      } http://HOST:PORT beside the others`,
    );
  }
}

/** What is asked for that takes a certificate. */
function checkWithout(config: Checked): void {
  const { settings, origins } = config;
  const secure = settings.bind.find((one) =>
    schemeOf(one, settings) === "https"
  );
  if (secure !== undefined) {
    throw new ConfigError(
      `Cannot use bind "${
        formatBind(secure)
      }" from ${origins.bind}: there is no certificate for it, give ${
        flagOf("certfile")
      }`,
    );
  }
  const name = NEEDS_CERTIFICATE.find((name) =>
    (origins[name] ?? "default") !== "default" && settings[name] !== false
  );
  if (name === undefined) return;
  throw refusal(
    config,
    name,
    `there is no certificate, give ${flagOf("certfile")} too`,
  );
}

function refusal(
  { settings, origins }: Checked,
  name: SettingName,
  reason: string,
): ConfigError {
  return new ConfigError(
    `Cannot use ${name} ${quote(formatValue(name, settings[name]))} from ${
      origins[name]
    }: ${reason}`,
  );
}
