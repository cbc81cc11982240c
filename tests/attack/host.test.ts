/** Clients that write into Host, or into the target, what shall make the app take another path than the proxy in front of it saw. */
import { join } from "node:path";
import process from "node:process";
import * as assert from "../support/assert.ts";
import { runtimeName } from "../support/process/command.ts";
import { curl } from "../support/client/curl.ts";
import { http, styles } from "../support/engine/engine.ts";
import { freePort } from "../support/machine/ports.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import {
  HAPROXY,
  NGINX,
  startNginx,
  startProxy,
} from "../support/machine/proxy.ts";
import type { Proxy } from "../support/machine/proxy.ts";

const hosts = promises("Host and target");

/** Bun.serve has read "\" and dots, and left the target's host out, before anybody is asked (1.4.5). */
const bunServe = runtimeName === "bun" && http === "native";
const bridge = process.env.TEST_HTTP === "native";

/** What would add a path of its own. */
const paths = [
  ...["x@y", "u:p@y", "x?", "x#", "x|y", "x<y", "x\\y", "x y", "x\ty", "x^y"],
  ...["x/", "x/admin", "x/admin?", "x/admin#", "x//admin?", "x:80/admin?"],
  ...["/admin?", "//x/admin?", "http://x", "x/pub/../admin?", "x`", 'x"'],
];

/** Values of Host that are none. */
const bad = [
  ...paths,
  ...["", ":80", "a:65536", "a:99999", "a:8a", "a:-1", "a: 80", "a:80:80"],
  ...["[::1", "::1", "[::g]", "[]", "[v1.a]", "x[::1]", "[::1]x"],
  ...["x%00", "x%zz", "x%2fadmin%3f", "x%40y", "256.1.1.1"],
  ...["a, b", "x:@y", "x:80@y", "\xe4.example", "\xc3\xa4.example", "x\x7fy"],
];

/** Those that are hosts, and what URL parsers make of them. */
const good: Record<string, string> = {
  "a.example": "a.example",
  "A.Example:80": "a.example",
  "a.example:8080": "a.example:8080",
  "a:0080": "a",
  "a:65535": "a:65535",
  "a:": "a",
  "[::1]": "[::1]",
  "[::0001]:81": "[::1]:81",
  "127.1": "127.0.0.1",
  "%61dmin": "admin",
  "a_b": "a_b",
  "a.": "a.",
  "xn--nxasmq6b": "xn--nxasmq6b",
};

/** Targets, and the path and query that is asked for, or the status of the refusal. */
const targetsOf = (bunServe: boolean): Record<string, string | number> => ({
  "/": "/",
  "/a?b": "/a?b",
  "//evil/path": "//evil/path",
  "///evil": "///evil",
  "/://x": "/://x",
  "/a/../b": "/b",
  "/a/%2e%2E/b": "/b",
  "/..//evil": "//evil",
  "/a?/../b": "/a?/../b",
  "/%61": "/%61",
  "/a%5cb": "/a%5cb",
  "/a?\\": "/a?\\",
  "/a\\b": bunServe ? "/a/b" : 400,
  "/p\\..\\admin": bunServe ? "/admin" : 400,
  "/a#b": 400,
  "/a?b#c": 400,
  "http://abs.example/q": "/q",
  "http://abs.example?q": "/?q",
  "http://abs.example/a/../b": "/b",
  "https://abs.example/q": bunServe ? "/q" : 421,
  "http://x@y/q": bunServe ? "/q" : 400,
  "ftp://x/q": 400,
  "a.example:80": 400,
  "@x/y": 400,
  "?q": 400,
  "q": 400,
});

/** One request on a connection of its own, written as it is. */
async function ask(
  lab: Lab,
  to: Parameters<Lab["connect"]>[0],
  head: string,
): Promise<{ status: number; text: string }> {
  const client = await lab.connect(to);
  try {
    client.write(Uint8Array.from(`${head}\r\n\r\n`, (c) => c.charCodeAt(0)));
    return await client.answer();
  } catch {
    // It was closed, which is as good as a refusal.
    return { status: 400, text: "" };
  } finally {
    client.close();
  }
}

function withHost(host: string, target = "/pub/admin"): string {
  return `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close`;
}

for (const style of styles) {
  const listener = style === "node" ? ":listener" : "";
  const origin = fixture("origin.ts") + listener;
  const fetches = style === "fetch";
  const serve = bunServe && fetches;
  const plain = hosts.share(async (lab) => {
    const path = join(lab.folder, "corn.sock");
    const server = await lab.start({
      app: origin,
      args: ["-w", "1", "-b", `127.0.0.1:0,unix:${path}`],
      addresses: 2,
    });
    return { server, path };
  });
  const believing = hosts.share((lab) =>
    lab.start({
      app: origin,
      args: ["-w", "1", "--forwarded-headers"].concat(
        "x-forwarded-host,x-forwarded-port,forwarded",
      ),
    })
  );

  hosts(`a ${style} app sees no Host that is none`, async (lab) => {
    const { server } = await plain();
    const { url } = server;
    const heads = [
      ...bad.map((host) => withHost(host)),
      ...["a.example", "b.example", ""].map((second) =>
        `${withHost("a.example")}\r\nHost: ${second}`
      ),
      `${withHost("")}\r\nHost: a.example`,
      "GET /a HTTP/1.0\r\nHost:",
      `${withHost("x@y")}\r\nX-Forwarded-Port: 8443`,
    ];
    const seen: string[] = [];
    for (const head of heads) {
      const { status, text } = await ask(lab, url, head);
      if (status !== 400) seen.push(`${head}: ${status} ${text}`);
    }
    assert.equal(seen, []);
    assert.not.match(server.log(), /ERROR/);
  });

  hosts(`a ${style} app sees no forwarded host that is none`, async (lab) => {
    const server = await believing();
    const { url } = server;
    const seen: string[] = [];
    for (const host of paths) {
      const quoted = host.replaceAll(/["\\]/g, "\\$&");
      for (
        const field of [
          `X-Forwarded-Host: ${host}`,
          `Forwarded: host="${quoted}"`,
        ]
      ) {
        const head = `${withHost("a.example", "/x")}\r\n${field}`;
        const { status, text } = await ask(lab, url, head);
        if (status !== 400) seen.push(`${field}: ${status} ${text}`);
      }
    }
    assert.equal(seen, []);
    const { text } = await ask(
      lab,
      url,
      `${withHost("a.example", "/x")}\r\nX-Forwarded-Host: b.example:81`,
    );
    assert.is(JSON.parse(text).url, "http://b.example:81/x");
    assert.not.match(server.log(), /ERROR/);
  });

  hosts(`a ${style} app sees hosts as URLs have them`, async (lab) => {
    const server = await believing();
    const { url } = server;
    for (const [host, written] of Object.entries(good)) {
      const { status, text } = await ask(lab, url, withHost(host, "/a?b"));
      // Node's bridge refuses what is not as URLs have it (@hono/node-server 2.1.8).
      if (bridge && fetches && host !== written && status === 400) continue;
      const seen = JSON.parse(text);
      assert.is(seen.url, `http://${fetches ? written : host}/a?b`, host);
      assert.is(seen.copy, seen.url);
    }
    for (const more of ["", "\r\nX-Forwarded-Port: 8443"]) {
      const old = await ask(lab, url, `GET /a/../b HTTP/1.0${more}`);
      assert.is(old.status, 200, "HTTP/1.0 without Host");
      const { pathname } = new URL(JSON.parse(old.text).url);
      assert.is(pathname, "/b");
    }
    assert.not.match(server.log(), /ERROR/);
  });

  hosts(`a ${style} app sees each request's own path`, async (lab) => {
    const { server: { url } } = await plain();
    for (const [target, path] of Object.entries(targetsOf(serve))) {
      const { status, text } = await ask(lab, url, withHost("h", target));
      if (typeof path === "number") {
        assert.is(status, path, `${target}: ${text}`);
        continue;
      }
      assert.is(status, 200, target);
      const host = target.startsWith("http") && !serve ? "abs.example" : "h";
      // Listeners get the path as it was sent.
      const sent = target.replace("http://abs.example", "");
      const whole = fetches ? path : sent.startsWith("/") ? sent : `/${sent}`;
      assert.is(JSON.parse(text).url, `http://${host}${whole}`, target);
    }
    const { text } = await ask(
      lab,
      url,
      "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443",
    );
    assert.not.match(text, /url/, "CONNECT");
  });

  hosts(`nothing passes the base path of a ${style} app by`, async (lab) => {
    const { url } = await lab.start({
      app: fixture("admin.ts") + listener,
      args: ["-w", "1", "--base-path", "/pub"],
    });
    const from = async (target: string, host = "h") => {
      const { status, text } = await ask(lab, url, withHost(host, target));
      return status === 200 ? text.split(" ")[0] : status;
    };
    for (const target of ["/pub/admin", "/pub/a/../admin"]) {
      assert.is(await from(target), "SECRET", target);
    }
    const beside = [
      ...["/admin", "/pub/../admin", "/pub/%2e%2e/admin", "/pub/..", "/x"],
      ...["/pub/a/../../admin", "//pub/admin", "http://h/admin"],
      ...["http://h/pub/../admin", "/pub/.%2E/pub2", "/pub/./../admin"],
    ];
    for (const target of beside) assert.is(await from(target), 404, target);
    for (const host of ["x/pub?", "x/pub/admin?", "x/pub", "/pub/admin?"]) {
      assert.is(await from("/admin", host), 400, host);
    }
  });

  hosts(`a ${style} app on a unix socket sees the same`, async (lab) => {
    const { path } = await plain();
    const { text } = await ask(lab, { path }, withHost("a.example", "/a?b"));
    assert.is(JSON.parse(text).url, "http://a.example/a?b");
    for (const host of ["x@y", "x/admin?", "", "a:99999"]) {
      assert.is((await ask(lab, { path }, withHost(host))).status, 400, host);
    }
    const old = await ask(lab, { path }, "GET /a HTTP/1.0");
    assert.is(old.status, 200);
    assert.is(new URL(JSON.parse(old.text).url).pathname, "/a");
  });
}

if (runtimeName === "deno" && http === "native") {
  hosts("HTTP/2 has its host in place of Host", async (lab) => {
    const { url } = await lab.start({
      app: fixture("origin.ts"),
      args: ["-w", "1"],
    });
    const get = (host: string) =>
      curl(
        `${url}/a/../b?c`,
        ...["--http2-prior-knowledge", "--path-as-is", "-H", `Host: ${host}`],
      );
    const { body } = await get("A.Example:80");
    assert.is(JSON.parse(body).url, "http://a.example/b?c");
    for (const host of ["x@y", "u:p@y", "a:99999"]) {
      assert.not.equal((await get(host)).status, 200, host);
    }
  });
}

/** A proxy that keeps everybody from /admin. */
type Start = (lab: Lab, port: number, upstream: string) => Promise<Proxy>;

const viaNginx: Start = (lab, port, upstream) =>
  startNginx(
    lab,
    {
      http: `
  server {
    listen 127.0.0.1:${port};
    location /admin { return 403; }
    location / {
      proxy_pass http://${upstream};
      proxy_http_version 1.1;
      proxy_set_header Host $host;
    }
  }`,
    },
    `http://127.0.0.1:${port}/`,
  );

const viaHaproxy: Start = (lab, port, upstream) =>
  startProxy(lab, {
    command: [
      HAPROXY as string,
      "-db",
      "-f",
      lab.write(
        "haproxy.cfg",
        `
defaults
  mode http
  timeout connect 5s
  timeout client 20s
  timeout server 20s
frontend in
  bind 127.0.0.1:${port}
  http-request deny deny_status 403 if { path_beg /admin }
  default_backend out
backend out
  server corn ${upstream}
`,
      ),
    ],
    url: `http://127.0.0.1:${port}/`,
    end: "SIGUSR1",
  });

const fronts = [
  ["nginx", NGINX, viaNginx],
  ["HAProxy", HAPROXY, viaHaproxy],
] as const;

for (const style of styles) {
  const behind = hosts.share((lab) =>
    lab.start({
      app: fixture("admin.ts") + (style === "node" ? ":listener" : ""),
      args: ["-w", "1"],
    })
  );
  for (const [name, program, start] of fronts) {
    hosts(`what ${name} denies, a ${style} app is not asked`, async (lab) => {
      if (program === undefined) return lab.skip(`${name} is not installed`);
      const { port } = await behind();
      const front = await freePort();
      const proxy = await start(lab, front, `127.0.0.1:${port}`);
      const url = `http://127.0.0.1:${front}`;
      const passed: string[] = [];
      try {
        assert.is((await ask(lab, url, withHost("h", "/admin"))).status, 403);
        assert.is((await ask(lab, url, withHost("h", "/x"))).status, 200);
        for (const host of [...paths, "h"]) {
          for (const path of ["/pub/admin", "/x", "//admin", "http://h/x"]) {
            const { text } = await ask(lab, url, withHost(host, path));
            if (text.includes("SECRET")) passed.push(`${host} ${path}`);
          }
        }
      } finally {
        await proxy.close();
      }
      assert.equal(passed, []);
    });
  }
}

hosts.run();
