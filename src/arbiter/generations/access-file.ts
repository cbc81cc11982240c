/** The file of the access log, which workers write. */
import { LogFile } from "../../log/log-file.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { Prepared } from "./generation.ts";
import { ownerOf } from "./identity.ts";
import { LogFileError, reasonOf } from "../../base/errors.ts";

/** Makes sure that workers can open the file as the user that they run as. @throws LogFileError */
export function prepareAccessFile(
  { config, identity }: Pick<Prepared, "config" | "identity">,
  { files }: Pick<Runtime, "files">,
): void {
  const { accessLogfile: path } = config.settings;
  if (path === undefined || path === "-") return;
  const owner = ownerOf(identity);
  // A worker of another user finds out for itself whether it may write there.
  if (owner === undefined) return new LogFile(path, files).close();
  try {
    files.createFor(owner, path);
  } catch (cause) {
    throw new LogFileError(
      `Cannot make log file "${path}": ${reasonOf(cause)}`,
      { cause },
    );
  }
}
