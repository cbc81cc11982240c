/** `--check-config`: whether what a config names could be served. */
import { ConfigError } from "../../base/errors.ts";
import type { CornError } from "../../base/errors.ts";
import type { Config } from "../../config/table/types.ts";
import type { Runtime, RuntimeName } from "../../runtime/runtime.ts";
import { noticeOf } from "./expiry.ts";
import { KeptCertificates } from "./kept.ts";

/** What a start would refuse, and what clients would; an end that is near is neither. */
export function certificateRefusals(
  config: Config,
  { clock, files, certificates: library, name: own }: Pick<
    Runtime,
    "clock" | "files" | "certificates" | "name"
  >,
  workers: RuntimeName,
): CornError[] {
  if (config.settings.certfile === undefined) return [];
  const now = clock.date();
  try {
    const kept = new KeptCertificates({
      ...{ config, files, library, own, workers },
      now: () => now,
    });
    return kept.certificates.flatMap((one) => {
      const notice = noticeOf(one, now);
      const refused = notice?.level === "error" || one.doubt !== undefined;
      return notice && refused ? [new ConfigError(notice.text)] : [];
    });
  } catch (error) {
    if (error instanceof ConfigError) return [error];
    throw error;
  }
}
