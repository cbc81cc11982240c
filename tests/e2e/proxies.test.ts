/** What the app sees of a client that comes by a proxy, and of one that only says so. */
import { execFileSync, spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import * as assert from "../support/assert.ts";
import { entriesOf } from "../support/log/access-lines.ts";
import { makeAuthority } from "../support/certificates.ts";
import { curl } from "../support/client/curl.ts";
import { styles } from "../support/engine/engine.ts";
import { freePort } from "../support/machine/ports.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import { NGINX, startNginx } from "../support/machine/proxy.ts";
import type { Server } from "../support/process/server.ts";

const proxies = promises("behind a proxy");

/** An address of this machine that no default trusts. */
const STRANGER = "127.0.0.77";

/** What the app tells, see tests/fixtures/origin.ts. */
interface Seen {
  readonly url: string;
  readonly copy: string;
  readonly address: string;
  readonly body: string;
  readonly headers: readonly string[];
  /** Those of `env.incoming`, where there is one. */
  readonly raw?: readonly string[];
  /** Subject and fingerprint of a certificate and its chain. */
  readonly certificate?: readonly string[];
}

let made: ReturnType<typeof makeAuthority> | undefined;

function authority(): ReturnType<typeof makeAuthority> {
  return made ??= makeAuthority();
}

function headersOf(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers).flatMap((pair) => ["-H", pair.join(": ")]);
}

async function see(url: string, ...args: string[]): Promise<Seen> {
  const { status, body } = await curl(url, ...args);
  assert.is(status, 200, body);
  const seen = JSON.parse(body) as Seen;
  assert.is(seen.copy, seen.url);
  return seen;
}

async function statusOf(
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<number> {
  return (await curl(url, ...headersOf(headers))).status;
}

for (const style of styles) {
  const app = fixture("origin.ts") + (style === "node" ? ":listener" : "");
  const start = (lab: Lab, ...args: string[]): Promise<Server> =>
    lab.start({ app, args: ["-w", "1", ...args] });
  const believing = proxies.share((lab) =>
    start(
      lab,
      ...["--forwarded-headers", "x-forwarded-for,x-forwarded-host,forwarded"],
    )
  );
  const sparing = proxies.share((lab) =>
    start(lab, "--unbelieved-headers", "remove")
  );

  proxies(`a ${style} app sees each client of one connection`, async (lab) => {
    const { url } = await start(lab);
    const client = await lab.connect(url);
    for (const address of ["192.0.2.1", "2001:db8::2", "192.0.2.3"]) {
      const answer = await client.request("/a?b", {
        method: "POST",
        body: `from ${address}`,
        headers: {
          "x-forwarded-for": `203.0.113.9, ${address}`,
          "x-forwarded-proto": "https",
        },
      });
      const seen = JSON.parse(answer.text) as Seen;
      assert.is(seen.address, address);
      assert.is(seen.body, `from ${address}`);
      assert.match(seen.url, /^https:\/\/[^/]+\/a\?b$/);
    }
    const plain = JSON.parse((await client.request("/")).text) as Seen;
    assert.is(plain.address, "127.0.0.1");
    assert.match(plain.url, /^http:/);
  });

  proxies(`a ${style} app is told nothing by a stranger`, async () => {
    const { url } = await believing();
    const seen = await see(
      `${url}/`,
      ...["--interface", STRANGER],
      ...headersOf({
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Proto": "https, http",
        "X-Forwarded-Host": "evil.example",
        Forwarded: 'for="',
      }),
    );
    assert.is(seen.address, STRANGER);
    assert.is(seen.url, `${url}/`);
    assert.is(seen.headers.length, 4, "they are kept");
  });

  proxies(`a ${style} app is spared what is not believed`, async () => {
    const { url } = await sparing();
    const headers = headersOf({
      "X-Forwarded-For": "192.0.2.1",
      "X-Forwarded-Host": "evil.example",
      Forwarded: "for=192.0.2.2",
    });
    const trusted = await see(`${url}/`, ...headers);
    assert.equal(trusted.headers, ["x-forwarded-for"]);
    assert.is(trusted.address, "192.0.2.1");
    const seen = await see(`${url}/`, "--interface", STRANGER, ...headers);
    assert.equal(seen.headers, []);
    assert.is(seen.address, STRANGER);
  });

  proxies(`a ${style} app is spared contradictions`, async () => {
    const server = await believing();
    const { url } = server;
    const bad: Record<string, string>[] = [
      { "X-Forwarded-For": "nobody" },
      { "X-Forwarded-Proto": "https", "X-Forwarded-Ssl": "off" },
      { "X-Forwarded-For": "192.0.2.1", Forwarded: "for=192.0.2.2" },
      { Forwarded: 'for="192.0.2.1' },
    ];
    for (const headers of bad) {
      assert.is(await statusOf(url, headers), 400, JSON.stringify(headers));
    }
    await server.waitForLog(
      /Refused a request of a trusted proxy with 400: X-Forwarded-For is not/,
    );
    const { address } = await see(
      url,
      ...headersOf({ Forwarded: 'for="[2001:db8::1]:4711";proto=https' }),
    );
    assert.is(address, "2001:db8::1");
  });

  proxies(`a ${style} app is told of a client's certificate`, async (lab) => {
    const client = authority().issue({ name: "client", use: "client" });
    const [own, between] = [client.cert, authority().cert].map((pem) =>
      new X509Certificate(pem)
    ) as [X509Certificate, X509Certificate];
    const encoded = (one: X509Certificate) => `:${one.raw.toString("base64")}:`;
    const flags = ["--forwarded-headers", "x-forwarded-for,client-cert"];
    const { url } = await start(lab, ...flags);
    const headers = headersOf({
      "Client-Cert": encoded(own),
      "Client-Cert-Chain": `${encoded(between)}, ${encoded(between)}`,
    });
    const names = ["client-cert", "client-cert-chain"];
    for (let count = 0; count < 2; count++) {
      const told = await see(url, ...headers);
      assert.equal(told.headers, names);
      if (style === "node") continue;
      const chain = `CN=Test CA ${between.fingerprint256}`;
      assert.equal(told.certificate, [
        `CN=client ${own.fingerprint256}`,
        ...[chain, chain],
      ]);
    }
    assert.is((await see(url)).certificate, undefined);
    const stranger = await see(url, "--interface", STRANGER, ...headers);
    assert.equal(stranger.headers, []);
    assert.equal(stranger.raw ?? [], []);
    assert.is(stranger.certificate, undefined);
    const wrong: Record<string, string>[] = [
      { "Client-Cert": own.raw.toString("base64") },
      { "Client-Cert": "::" },
      { "Client-Cert": `${encoded(own)}, ${encoded(own)}` },
      { "Client-Cert-Chain": encoded(between) },
      { "Client-Cert": encoded(own), "Client-Cert-Chain": "" },
    ];
    for (const one of wrong) {
      // curl sends an empty field so.
      const given = headersOf(one).map((text) => text.replace(/: $/, ";"));
      assert.is((await curl(url, ...given)).status, 400, JSON.stringify(one));
    }
    const nobody = await start(lab, ...flags, "--forwarded-allow-ips=");
    assert.equal((await see(nobody.url, ...headers)).headers, []);
    const other = await sparing();
    assert.equal((await see(other.url, ...headers)).headers, []);
  });

  proxies(`a ${style} app sees a client behind two proxies`, async (lab) => {
    const { url } = await start(
      lab,
      ...["--trusted-hops", "2"],
      ...["--forwarded-allow-ips", "127.0.0.1,10.0.0.0/8"],
      ...["--forwarded-headers", "x-forwarded-for,x-forwarded-host"],
    );
    const from = async (chain: string) =>
      (await see(url, ...headersOf({ "X-Forwarded-For": chain }))).address;
    assert.is(await from("127.0.0.1, 192.0.2.1, 10.0.0.1"), "192.0.2.1");
    assert.is(await from("10.0.0.1, 192.0.2.1"), "192.0.2.1");
    const { url: seen } = await see(
      `${url}/x`,
      ...headersOf({
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "a.example:443",
      }),
    );
    assert.is(seen, "https://a.example/x");
  });

  proxies(`a ${style} app does not see its base path`, async (lab) => {
    const { url } = await lab.start({
      app,
      args: ["-w", "1"],
      env: { SCRIPT_NAME: "/shop" },
    });
    const host = new URL(url).host;
    const paths = [["/shop/a?b", "/a?b"], ["/shop", "/"], ["/shop?c", "/?c"]];
    for (const [path, seen] of paths) {
      assert.is(
        (await see(
          url + path,
          ...headersOf({ "X-Forwarded-Proto": "https" }),
        )).url,
        `https://${host}${seen}`,
      );
    }
    for (const path of ["/", "/shopping", "/other"]) {
      assert.is(await statusOf(url + path, {}), 404);
    }
  });
}

const OPENSSL = spawnSync("openssl", ["version"]).status === 0;

/** A site with TLS that passes all on to an upstream. */
function siteOf(port: number, upstream: string): string {
  return `
  server {
    listen 127.0.0.1:${port} ssl;
    location / {
      proxy_pass http://${upstream};
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
    }
  }`;
}

/** Runs nginx until `use` is done. */
async function throughNginx(
  lab: Lab,
  upstreams: readonly string[],
  use: (ports: readonly number[]) => Promise<void>,
): Promise<void> {
  const [key, cert] = ["key.pem", "cert.pem"].map((name) =>
    join(lab.folder, name)
  ) as [string, string];
  for (const path of [key, cert]) lab.forgive(path);
  execFileSync("openssl", [
    ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"],
    ...["-subj", "/CN=app.example", "-keyout", key, "-out", cert],
  ], { stdio: "ignore" });
  const ports: number[] = [];
  let http = `ssl_certificate ${cert};\nssl_certificate_key ${key};`;
  for (const upstream of upstreams) {
    const port = await freePort();
    ports.push(port);
    http += siteOf(port, upstream);
  }
  const url = `https://127.0.0.1:${ports[0]}/`;
  const nginx = await startNginx(lab, { http }, url);
  try {
    await use(ports);
    assert.is(nginx.log().trim(), "", "nginx has nothing to complain about");
  } finally {
    await nginx.close();
  }
}

for (const style of styles) {
  proxies(`nginx tells a ${style} app of TLS and client`, async (lab) => {
    if (NGINX === undefined || !OPENSSL) {
      return lab.skip("there is no nginx or no openssl");
    }
    const path = join(lab.folder, "corn.sock");
    const log = join(lab.folder, "access.log");
    lab.forgive(log);
    const server = await lab.start({
      app: fixture("origin.ts") + (style === "node" ? ":listener" : ""),
      args: [
        ...["-w", "1", "-b", `127.0.0.1:0,unix:${path}`],
        ...["--unix-mode", "666"],
        ...["--access-logfile", log, "--access-log-format", "json"],
      ],
    });
    const upstreams = [`127.0.0.1:${server.port}`, `unix:${path}:`];
    await throughNginx(lab, upstreams, async (ports) => {
      for (const port of ports) {
        const own = ["-k", "--resolve", `app.example:${port}:127.0.0.1`];
        const seen = await see(
          `https://app.example:${port}/a?b`,
          ...own,
          ...["--interface", STRANGER, "--data-binary", "hello"],
          ...headersOf({
            "X-Forwarded-For": "203.0.113.9",
            "X-Forwarded-Proto": "http",
          }),
        );
        assert.is(seen.url, "https://app.example/a?b");
        assert.is(seen.address, STRANGER);
        assert.is(seen.body, "hello");
      }
    });
    assert.is((await server.stop()).code, 0);
    const logged = entriesOf(log).filter(({ target }) => target === "/a?b");
    assert.equal(
      logged.map(({ client, method, status }) => [client, method, status]),
      upstreams.map(() => [STRANGER, "POST", 200]),
      "the access log names the client, over TCP and the unix socket",
    );
  });
}

proxies.run();
