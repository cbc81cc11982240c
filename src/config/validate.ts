import { ConfigError } from "../errors.ts";
import { formatAddress, sameAddress } from "./address.ts";
import { checkHttp } from "./http.ts";
import type { Config } from "./types.ts";

/** Checks what no setting can tell alone. @throws ConfigError */
export function validate(config: Config): void {
  checkHttp(config);
  const { bind } = config.settings;
  bind.forEach((address, index) => {
    // Port 0 asks for any free port, so each one is another address.
    if (address.kind === "tcp" && address.port === 0) return;
    if (
      !bind.slice(0, index).some((earlier) => sameAddress(earlier, address))
    ) return;
    throw new ConfigError(
      `Cannot use bind "${
        formatAddress(address)
      }" from ${config.origins.bind}: it is given twice`,
    );
  });
}
