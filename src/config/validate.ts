import { ConfigError } from "../errors.ts";
import { formatSize } from "./scalars.ts";
import { formatAddress, sameAddress } from "./address.ts";
import type { Config } from "./types.ts";

/** Checks what no setting can tell alone. @throws ConfigError */
export function validate(config: Config): void {
  const { bind, maxWorkerMemory, maxWorkerMemoryHard } = config.settings;
  if (maxWorkerMemoryHard > 0 && maxWorkerMemoryHard < maxWorkerMemory) {
    throw new ConfigError(
      `Cannot use maxWorkerMemoryHard ${
        formatSize(maxWorkerMemoryHard)
      } from ${config.origins.maxWorkerMemoryHard}: it is below maxWorkerMemory ${
        formatSize(maxWorkerMemory)
      }`,
    );
  }
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
