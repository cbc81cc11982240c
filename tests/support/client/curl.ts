/** The real curl, and what needs none. */
import { execFile } from "node:child_process";
import { RawClient } from "./client.ts";
import type { Answer } from "./client.ts";
import { PATIENCE_MS } from "../wait.ts";

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

/**
 * The body at a URL; curl asks where it is given arguments. Without, a
 * connection of this process does, at a twentieth of what the start of curl
 * costs. Neither tries again. @throws when there is no whole answer with 200
 */
export async function get(url: string, ...args: string[]): Promise<string> {
  if (args.length === 0) return await getPlain(url);
  const { exit, status, body } = await curl(url, ...args);
  if (exit === 0 && status === 200) return body;
  throw new Error(`Cannot get ${url}: curl ended with ${exit}, HTTP ${status}`);
}

async function getPlain(url: string): Promise<string> {
  const { status, text } = await askPlain(url);
  if (status === 200) return text;
  throw new Error(`Cannot get ${url}: HTTP ${status}`);
}

/** Asks once, whatever the answer is; where there is none, the status is 0. As `get`, without the start of curl. */
export async function ask(url: string): Promise<{ status: number }> {
  try {
    return await askPlain(url);
  } catch {
    return { status: 0 };
  }
}

async function askPlain(url: string): Promise<Answer> {
  const { host, pathname, search } = new URL(url);
  const client = await RawClient.connect(url, PATIENCE_MS);
  try {
    client.write(
      `GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nAccept: */*\r\n\r\n`,
    );
    return await client.answer({ ms: PATIENCE_MS });
  } finally {
    client.close();
  }
}
