import { join } from "node:path";
import * as assert from "../support/assert.ts";
import { runtimeName } from "../support/process/command.ts";
import { curl, get } from "../support/client/curl.ts";
import { startLoad } from "../support/load/load.ts";
import { freePort } from "../support/machine/ports.ts";
import { fixture, promises } from "../support/promise.ts";
import { NGINX, startNginx } from "../support/machine/proxy.ts";
import type { Server } from "../support/process/server.ts";

const nginx = promises("behind nginx");
const app = fixture("app.ts");

/** Sites that serve what an upstream answers, and try nothing twice. */
function sitesOf(upstreams: ReadonlyMap<number, string>): string {
  const sites = [...upstreams].map(([port, upstream]) => `
  upstream corn${port} {
    server ${upstream};
    keepalive 16;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://corn${port};
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_next_upstream off;
    }
  }`);
  return `
  # The load posts up to 1.2 MB: nothing of it needs a file, or is too much.
  client_max_body_size 0;
  client_body_buffer_size 2m;
  proxy_max_temp_file_size 0;
  ${sites.join("\n")}`;
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

nginx(
  "reloads, recycling and scaling cost no request, over TCP and over a unix socket",
  async (lab) => {
    if (NGINX === undefined) return lab.skip("nginx is not installed");
    const path = join(lab.folder, "corn.sock");
    const server = await lab.start({
      app,
      args: [
        // A worker is replaced after a few seconds of this load.
        ...["-w", "2", "--keep-alive", "2", "--max-requests", "500"],
        ...["--max-requests-jitter", "200", "--unix-mode", "666"],
        ...["-b", "127.0.0.1:0", "-b", `unix:${path}`],
      ],
      addresses: 2,
    });
    const [tcp, unix] = [await freePort(), await freePort()];
    const sites = sitesOf(
      new Map([[tcp, `127.0.0.1:${server.port}`], [unix, `unix:${path}`]]),
    );
    const urls = [tcp, unix].map((port) => `http://127.0.0.1:${port}`);
    const [first = ""] = urls;
    const proxy = await startNginx(lab, { http: sites }, first);
    try {
      for (const url of urls) {
        assert.is(await get(url), "ok\n");
        const posted = await curl(`${url}/echo`, "--data-binary", "corn\n");
        assert.is(posted.body, "corn\n");
      }
      const loads = await Promise.all(
        urls.map((url) =>
          startLoad({ url, keepAlive: 4, single: 2, streams: 1, posts: 1 })
        ),
      );
      try {
        await trouble(server);
      } finally {
        for (const load of loads) await load.stop();
      }
      for (const [index, load] of loads.entries()) {
        assert.is(await get(urls[index] as string), "ok\n");
        const report = await load.stop();
        console.log(`\n# ${runtimeName}: ${JSON.stringify(report)}`);
        const { keepAlive, single, reasons } = report;
        assert.equal(reasons, {});
        assert.is(keepAlive.failures + single.failures, 0);
        assert.ok(keepAlive.requests > 200 && single.requests > 100);
      }
      assert.is(proxy.log().trim(), "", "nginx has nothing to complain about");
    } finally {
      await proxy.close();
    }
  },
);

nginx.run();
