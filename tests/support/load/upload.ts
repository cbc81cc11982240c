/** Clients that send a large body and read the answer after it, in a process of their own on Node. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { helperNode } from "../process/command.ts";

export interface UploadOptions {
  readonly url: string;
  readonly path: string;
  /** Bytes of the body. */
  readonly size: number;
  readonly chunked: boolean;
  readonly count: number;
}

export interface UploadReport {
  /** How often there was each status; "lost" where no whole head came. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Answers that said `Connection: close`. */
  readonly closes: number;
}

export async function upload(options: UploadOptions): Promise<UploadReport> {
  const { stdout } = await promisify(execFile)(helperNode, [
    "--disable-warning=ExperimentalWarning",
    fileURLToPath(new URL("upload-program.ts", import.meta.url)),
    JSON.stringify(options),
  ]);
  return JSON.parse(stdout);
}
