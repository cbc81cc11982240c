/** What the app sees of a client that comes by a proxy, and of one that only says so. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import * as assert from "uvu/assert";
import { entriesOf } from "../support/access-lines.ts";
import { curl } from "../support/curl.ts";
import { styles } from "../support/engine.ts";
import { freePort } from "../support/ports.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import type { Server } from "../support/server.ts";
import { until, within } from "../support/wait.ts";

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

  proxies(`a ${style} app is told nothing by a stranger`, async (lab) => {
    const { url } = await start(
      lab,
      ...["--forwarded-headers", "x-forwarded-for,x-forwarded-host,forwarded"],
    );
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

  proxies(`a ${style} app is spared what is not believed`, async (lab) => {
    const { url } = await start(lab, "--unbelieved-headers", "remove");
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

  proxies(`a ${style} app is spared contradictions`, async (lab) => {
    const server = await start(
      lab,
      ...["--forwarded-headers", "x-forwarded-for,forwarded"],
    );
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

const NGINX = ["/usr/sbin/nginx", "/usr/local/sbin/nginx"].find((path) =>
  existsSync(path) && spawnSync(path, ["-v"]).status === 0
);
const OPENSSL = spawnSync("openssl", ["version"]).status === 0;

/** nginx's settings: TLS on each port, passed on to its upstream, and everything of its own in the test's folder. */
function configOf(
  folder: string,
  upstreams: ReadonlyMap<number, string>,
): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `  ${kind}_temp_path ${join(folder, kind)};\n`).join("");
  const servers = [...upstreams].map(([port, upstream]) => `
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
  }`).join("");
  return `daemon off;
master_process off;
pid ${join(folder, "nginx.pid")};
error_log stderr warn;
events { worker_connections 64; }
http {
${temporary}  access_log off;
  ssl_certificate ${join(folder, "cert.pem")};
  ssl_certificate_key ${join(folder, "key.pem")};${servers}
}
`;
}

/** Runs nginx until `use` is done. */
async function throughNginx(
  lab: Lab,
  upstreams: readonly string[],
  use: (ports: readonly number[]) => Promise<void>,
): Promise<void> {
  const folder = join(lab.folder, "nginx");
  const ports: number[] = [];
  for (const _ of upstreams) ports.push(await freePort());
  const config = lab.write(
    "nginx/nginx.conf",
    configOf(
      folder,
      new Map(upstreams.map((upstream, at) => [ports[at]!, upstream])),
    ),
  );
  for (const name of ["nginx.pid", "cert.pem", "key.pem"]) {
    lab.forgive(join(folder, name));
  }
  for (const path of [lab.folder, folder]) chmodSync(path, 0o755);
  execFileSync("openssl", [
    ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"],
    ...["-subj", "/CN=app.example", "-keyout", join(folder, "key.pem")],
    ...["-out", join(folder, "cert.pem")],
  ], { stdio: "ignore" });
  const args = ["-p", folder, "-c", config, "-e", "stderr"];
  const child = spawn(NGINX as string, args, {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, TEST_MARK: lab.mark },
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => log += text);
  const ended = new Promise<void>((resolve) =>
    child.once("close", () => resolve())
  );
  try {
    await until(
      "nginx",
      async () =>
        child.exitCode !== null ||
        (await curl(`https://127.0.0.1:${ports[0]}/`, "-k")).exit === 0,
    );
    assert.is(child.exitCode, null, log);
    await use(ports);
    assert.is(log.trim(), "", "nginx has nothing to complain about");
  } finally {
    child.kill("SIGTERM");
    await within("the end of nginx", ended);
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
