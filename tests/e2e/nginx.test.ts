import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import * as assert from "uvu/assert";
import { runtimeName } from "../support/command.ts";
import { curl, get } from "../support/curl.ts";
import { startLoad } from "../support/load.ts";
import type { LoadReport } from "../support/load.ts";
import { freePort } from "../support/ports.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import type { Server } from "../support/server.ts";
import { until, within } from "../support/wait.ts";

const nginx = promises("behind nginx");
const app = fixture("app.ts");

const PROGRAM = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"]
  .find((path) => existsSync(path) && spawnSync(path, ["-v"]).status === 0);

/** An nginx that serves what an upstream answers, and tries nothing twice. */
interface Proxy {
  readonly url: string;
  /** What it complained about. */
  log(): string;
  close(): Promise<void>;
}

/** nginx's settings: everything of its own is in the test's folder. */
function configOf(folder: string, port: number, upstream: string): string {
  const kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const temporary = kinds.map((kind) =>
    `  ${kind}_temp_path ${join(folder, kind)};`
  ).join("\n");
  return `daemon off;
master_process off;
pid ${join(folder, "nginx.pid")};
error_log stderr warn;
events { worker_connections 512; }
http {
${temporary}
  access_log off;
  # The load posts up to 1.2 MB: nothing of it needs a file, or is too much.
  client_max_body_size 0;
  client_body_buffer_size 2m;
  proxy_max_temp_file_size 0;
  upstream corn {
    server ${upstream};
    keepalive 16;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://corn;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_next_upstream off;
    }
  }
}
`;
}

async function startNginx(lab: Lab, upstream: string): Promise<Proxy> {
  const folder = join(lab.folder, "nginx");
  const port = await freePort();
  const config = lab.write(
    "nginx/nginx.conf",
    configOf(folder, port, upstream),
  );
  // nginx's pid file goes with it, unless it is killed.
  lab.forgive(join(folder, "nginx.pid"));
  chmodSync(folder, 0o755);
  const args = ["-p", folder, "-c", config, "-e", "stderr"];
  const child = spawn(PROGRAM as string, args, {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, TEST_MARK: lab.mark },
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => log += text);
  const ended = new Promise<void>((resolve) =>
    child.once("close", () => resolve())
  );
  const url = `http://127.0.0.1:${port}`;
  await until(
    "nginx",
    async () => child.exitCode !== null || (await curl(url)).exit === 0,
  );
  if (child.exitCode !== null) throw new Error(`nginx ended: ${log}`);
  return {
    url,
    log: () => log,
    async close() {
      child.kill("SIGQUIT");
      await within("the end of nginx", ended);
    },
  };
}

/** Reloads, scales, and lets workers reach their limit of requests. */
async function trouble(server: Server): Promise<void> {
  for (let count = 0; count < 3; count++) {
    const from = server.log().length;
    server.signal("SIGHUP");
    await server.waitForLog(/Reload done/, { from, ms: 15_000 });
  }
  for (const [signal, size] of [["SIGTTIN", 3], ["SIGTTOU", 2]] as const) {
    const from = server.log().length;
    server.signal(signal);
    await server.waitForLog(new RegExp(`Pool size is now ${size}`), { from });
    await server.waitForLog(size === 3 ? /ready in/ : /left in/, {
      from,
      ms: 15_000,
    });
  }
  const from = server.log().length;
  await server.waitForLog(
    /replaced after \d+ requests[^]*ready in[^]*left in/,
    { from, ms: 15_000 },
  );
}

async function serveThrough(lab: Lab, unix: boolean): Promise<LoadReport> {
  const path = join(lab.folder, "corn.sock");
  const server = await lab.start({
    app,
    args: [
      ...["-w", "2", "--keep-alive", "2", "--max-requests", "150"],
      ...["--max-requests-jitter", "50", "--unix-mode", "666"],
      ...(unix ? ["-b", `unix:${path}`] : []),
    ],
  });
  const upstream = unix ? `unix:${path}` : `127.0.0.1:${server.port}`;
  chmodSync(lab.folder, 0o755);
  const proxy = await startNginx(lab, upstream);
  try {
    assert.is(await get(proxy.url), "ok\n");
    const posted = await curl(`${proxy.url}/echo`, "--data-binary", "corn\n");
    assert.is(posted.body, "corn\n");
    const load = await startLoad({
      url: proxy.url,
      keepAlive: 8,
      single: 4,
      streams: 2,
      posts: 2,
    });
    try {
      await trouble(server);
    } finally {
      await load.stop();
    }
    assert.is(await get(proxy.url), "ok\n");
    const report = await load.stop();
    const complaints = proxy.log().trim();
    console.log(`\n# ${runtimeName}: ${JSON.stringify(report)}`);
    assert.is(complaints, "", "nginx has nothing to complain about");
    return report;
  } finally {
    await proxy.close();
  }
}

for (const unix of [true, false]) {
  const way = unix ? "a unix socket" : "TCP";
  nginx(
    `reloads, recycling and scaling cost no request over ${way}`,
    async (lab) => {
      if (PROGRAM === undefined) return lab.skip("nginx is not installed");
      const { keepAlive, single, reasons } = await serveThrough(lab, unix);
      assert.equal(reasons, {});
      assert.is(keepAlive.failures + single.failures, 0);
      assert.ok(keepAlive.requests > 200 && single.requests > 100);
    },
    { deadlineMs: 90_000 },
  );
}

nginx.run();
