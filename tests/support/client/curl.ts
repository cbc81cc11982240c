/** The real curl. */
import { execFile } from "node:child_process";

/** What curl got. */
export interface CurlResult {
  /** curl's own exit code, see curl(1); 0 when it has a whole answer. */
  readonly exit: number;
  readonly status: number;
  /** The head as it came, or "". */
  readonly head: string;
  readonly body: string;
}

/** Runs curl; it never retries and gives up after ten seconds. */
export function curl(url: string, ...args: string[]): Promise<CurlResult> {
  const all = ["-sS", "-i", "--max-time", "10", "--globoff", ...args, url];
  return new Promise((resolve) => {
    execFile(
      "curl",
      all,
      { maxBuffer: 64 * 1024 * 1024 },
      (error, stdout) => {
        const [head = "", ...rest] = stdout.split("\r\n\r\n");
        resolve({
          exit: error === null ? 0 : Number(error.code ?? 1),
          status: Number(/^HTTP\/\S+ (\d+)/.exec(head)?.[1] ?? 0),
          head,
          body: rest.join("\r\n\r\n"),
        });
      },
    );
  });
}

/** The body that curl gets. @throws when there is no whole answer. */
export async function get(url: string, ...args: string[]): Promise<string> {
  const { exit, status, body } = await curl(url, ...args);
  if (exit === 0 && status === 200) return body;
  throw new Error(`Cannot get ${url}: curl ended with ${exit}, HTTP ${status}`);
}
