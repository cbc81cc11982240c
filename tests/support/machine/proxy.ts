/** Proxies in front of corn: started in the foreground, and ended. */
import { spawn } from "node:child_process";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { curl } from "../client/curl.ts";
import { findProgram } from "./program.ts";
import type { Lab } from "../promise.ts";
import { until, within } from "../wait.ts";

/** Undefined where they are not installed. */
export const NGINX: string | undefined = findProgram("nginx");
export const HAPROXY: string | undefined = findProgram("haproxy");

/** A proxy that serves. */
export interface Proxy {
  /** What it said. */
  log(): string;
  /** Ends it, once what is open is done. */
  close(): Promise<void>;
}

export interface ProxyOptions {
  readonly command: readonly [string, ...string[]];
  /** It serves when this is answered, whatever the answer is. */
  readonly url: string;
  /** The signal that ends it gracefully. */
  readonly end: NodeJS.Signals;
}

/** Starts a proxy and waits until it serves. @throws when it ends first */
export async function startProxy(
  { mark }: Lab,
  { command: [program, ...args], url, end }: ProxyOptions,
): Promise<Proxy> {
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, TEST_MARK: mark },
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => log += text);
  }
  const ended = new Promise<void>((resolve) => {
    child.once("error", () => resolve());
    child.once("close", () => resolve());
  });
  await until(
    program,
    async () =>
      child.exitCode !== null || (await curl(url, "--insecure")).exit === 0,
    20_000,
  );
  if (child.exitCode !== null) throw new Error(`${program} ended: ${log}`);
  return {
    log: () => log,
    async close() {
      child.kill(end);
      await within(`the end of ${program}`, ended, 20_000);
    },
  };
}

/** nginx's settings apart from those that every test has. */
export interface NginxSettings {
  /** Modules to load. */
  readonly modules?: readonly string[];
  /** What stands in `http`. */
  readonly http?: string;
  /** What stands in `stream`, which is a module's. */
  readonly stream?: string;
}

/** Starts nginx with everything of its own in the test's folder; its log has nothing but complaints. */
export async function startNginx(
  lab: Lab,
  { modules = [], http = "", stream }: NginxSettings,
  url: string,
): Promise<Proxy> {
  const folder = join(lab.folder, "nginx");
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `${kind}_temp_path ${join(folder, kind)};\n`).join("");
  const config = lab.write(
    "nginx/nginx.conf",
    `${modules.map((path) => `load_module ${path};`).join("\n")}
daemon off;
master_process off;
pid ${join(folder, "nginx.pid")};
error_log stderr warn;
events { worker_connections 512; }
http {
${temporary}access_log off;
${http}
}
${stream === undefined ? "" : `stream {${stream}\n}`}
`,
  );
  lab.forgive(folder);
  for (const path of [lab.folder, folder]) chmodSync(path, 0o755);
  return await startProxy(lab, {
    command: [NGINX as string, "-p", folder, "-c", config, "-e", "stderr"],
    url,
    end: "SIGQUIT",
  });
}
