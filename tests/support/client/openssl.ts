/** OpenSSL's own client of TLS. */
import { spawn } from "node:child_process";

/** How a client ended. */
export interface Said {
  readonly output: string;
  readonly errors: string;
  readonly code: number | null;
}

/** Between two texts, and before the first. */
const PAUSE_MS = 500;

/** Runs `openssl s_client` and types each text a moment after the one before; it is killed after some seconds. */
export async function typeInto(
  port: number,
  args: readonly string[],
  ...texts: readonly string[]
): Promise<Said> {
  const client = spawn("openssl", [
    ...["s_client", "-connect", `127.0.0.1:${port}`, ...args],
  ], { stdio: ["pipe", "pipe", "pipe"], timeout: 30_000 });
  let [output, errors] = ["", ""];
  client.stdout.on("data", (bytes) => output += String(bytes));
  client.stderr.on("data", (bytes) => errors += String(bytes));
  client.stdin.on("error", () => {}); // It has ended.
  const ended = new Promise<number | null>((resolve) =>
    client.once("close", resolve)
  );
  for (const text of texts) {
    await Promise.race([
      ended,
      new Promise((resolve) => setTimeout(resolve, PAUSE_MS)),
    ]);
    client.stdin.write(text);
  }
  if (texts.length === 0) client.stdin.end();
  const code = await ended;
  return { output, errors, code };
}
