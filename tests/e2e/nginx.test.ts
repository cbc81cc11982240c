import { join } from "node:path";
import * as assert from "../support/assert.ts";
import { runtimeName } from "../support/process/command.ts";
import { curl, get } from "../support/client/curl.ts";
import { startLoad } from "../support/load/load.ts";
import type { LoadReport } from "../support/load/load.ts";
import { freePort } from "../support/machine/ports.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import { NGINX, startNginx } from "../support/machine/proxy.ts";
import type { Server } from "../support/process/server.ts";

const nginx = promises("behind nginx");
const app = fixture("app.ts");

/** A site that serves what an upstream answers, and tries nothing twice. */
function siteOf(port: number, upstream: string): string {
  return `
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
  }`;
}

/** Reloads, scales, and lets workers reach their limit of requests. */
async function trouble(server: Server): Promise<void> {
  for (let count = 0; count < 2; count++) {
    const from = server.log().length;
    server.signal("SIGHUP");
    await server.waitForLog(/Reload done/, { from });
  }
  for (const [signal, size] of [["SIGTTIN", 3], ["SIGTTOU", 2]] as const) {
    const from = server.log().length;
    server.signal(signal);
    await server.waitForLog(new RegExp(`Pool size is now ${size}`), { from });
    await server.waitForLog(size === 3 ? /ready in/ : /left in/, {
      from,
    });
  }
  const from = server.log().length;
  await server.waitForLog(
    /replaced after \d+ requests[^]*ready in[^]*left in/,
    { from },
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
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const proxy = await startNginx(lab, { http: siteOf(port, upstream) }, url);
  try {
    assert.is(await get(url), "ok\n");
    const posted = await curl(`${url}/echo`, "--data-binary", "corn\n");
    assert.is(posted.body, "corn\n");
    const load = await startLoad({
      url,
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
    assert.is(await get(url), "ok\n");
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
      if (NGINX === undefined) return lab.skip("nginx is not installed");
      const { keepAlive, single, reasons } = await serveThrough(lab, unix);
      assert.equal(reasons, {});
      assert.is(keepAlive.failures + single.failures, 0);
      assert.ok(keepAlive.requests > 200 && single.requests > 100);
    },
  );
}

nginx.run();
