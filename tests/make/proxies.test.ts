import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { makeCaddy } from "../../src/make/caddy.ts";
import { makeNginx } from "../../src/make/nginx.ts";
import { failure } from "../config/support.ts";
import { subject, textOf } from "./support.ts";
import type { SubjectOptions } from "./support.ts";

const proxies = suite("nginx and Caddy");

async function sites(given: readonly string[], more?: SubjectOptions) {
  const made = await subject(["app.ts", ...given], more);
  return {
    nginx: textOf(makeNginx(made), "shop.conf"),
    caddy: textOf(makeCaddy(made), "Caddyfile"),
  };
}

const ADDRESSES: readonly (readonly [string, string, string])[] = [
  [":8000", "127.0.0.1:8000", "127.0.0.1:8000"],
  ["[::]:81", "[::1]:81", "[::1]:81"],
  ["[fd00::1]:81", "[fd00::1]:81", "[fd00::1]:81"],
  ["10.0.0.1:81", "10.0.0.1:81", "10.0.0.1:81"],
  [
    "127.0.0.1:8000,unix:/run/shop.sock",
    "unix:/run/shop.sock",
    "unix//run/shop.sock",
  ],
  [
    'unix:/run/my shop/"a".sock',
    '"unix:/run/my shop/\\"a\\".sock"',
    '"unix//run/my shop/\\"a\\".sock"',
  ],
];

proxies("a site goes to the unix socket, else to the first port", async () => {
  for (const [bind, server, upstream] of ADDRESSES) {
    const { nginx, caddy } = await sites(["-b", bind]);
    assert.match(nginx, `    server ${server} fail_timeout=0;`);
    assert.match(caddy, `reverse_proxy ${upstream} {`);
  }
});

proxies("nginx takes the variable of a long name", async () => {
  const made = await subject(["app.ts", "--name", "x".repeat(60)]);
  const [name = ""] = /\$x\w+/.exec(textOf(makeNginx(made), ".conf")) ?? [];
  // Variables of more than 46 characters need another bucket size on Debian.
  assert.ok(name.length <= 42, name);
});

proxies("a site goes to a plain port, else by https", async () => {
  const tls = ["--certfile", "a.pem"];
  const both = await sites([...tls, "-b", "https://:443,http://:81"]);
  assert.match(both.nginx, "server 127.0.0.1:81 ");
  assert.match(both.nginx, "proxy_pass http://shop;");
  const one = await sites([...tls, "-b", ":443"]);
  assert.match(one.nginx, "proxy_pass https://shop;");
  assert.match(one.nginx, "proxy_ssl_server_name on;");
  assert.match(one.caddy, "reverse_proxy https://127.0.0.1:443 {");
  assert.match(one.caddy, "tls_insecure_skip_verify");
  const asked = ["--ca-certs", "ca.pem", "--cert-reqs", "required"];
  const refused = await failure(sites([...tls, ...asked, "-b", ":443"]));
  assert.match(
    refused.message,
    /^Cannot make nginx: certReqs is required from .*, and nginx has no certificate to show: give unix:PATH/,
  );
  await sites([...tls, ...asked, "-b", "https://:443,http://:81"]);
});

proxies("a proxy closes idle connections before corn does", async () => {
  const two = await sites(["--keep-alive", "2"]);
  assert.match(two.nginx, "keepalive_timeout 1s;");
  assert.match(two.caddy, "keepalive 1s");
  const long = await sites(["--keep-alive", "75"]);
  assert.match(long.nginx, "keepalive_timeout 60s;");
  const none = await sites(["--keep-alive", "0"]);
  assert.not.match(none.nginx, "keepalive");
  assert.match(none.nginx, "'' close;");
  assert.match(none.caddy, "keepalive off");
});

proxies("a proxy tells of clients, requests and WebSockets", async () => {
  const { nginx, caddy } = await sites([]);
  for (
    const header of [
      "Upgrade $http_upgrade",
      "Connection $shop_connection",
      "Host $host",
      "X-Forwarded-For $proxy_add_x_forwarded_for",
      "X-Forwarded-Proto $scheme",
      "X-Request-Id $request_id",
      "X-Request-Start t=$msec",
    ]
  ) assert.match(nginx, `proxy_set_header ${header};`);
  assert.match(nginx, "proxy_next_upstream error timeout;");
  assert.match(caddy, "header_up X-Request-Id ");
  assert.not.match(nginx, "corn believes");
  const strange = await sites([
    ...["-b", "unix:/run/a.sock", "--forwarded-allow-ips", "10.0.0.1"],
  ]);
  assert.match(strange.nginx, "corn believes 10.0.0.1: add unix to");
  assert.match(strange.caddy, "corn believes 10.0.0.1: add unix to");
  const port = await sites(["--forwarded-allow-ips", "unix"]);
  assert.match(port.nginx, "corn believes unix: add 127.0.0.1 to");
});

proxies("a proxy's limits fit those of corn", async () => {
  const { nginx, caddy } = await sites([
    ...["--limit-request-body", "2m", "--request-timeout", "90"],
    ...["--base-path", "/shop"],
  ]);
  assert.match(nginx, "client_max_body_size 2097152;");
  assert.match(nginx, "proxy_read_timeout 95s;");
  assert.match(nginx, "location /shop {");
  assert.match(caddy, "max_size 2097152");
  assert.match(caddy, "response_header_timeout 95s");
  assert.match(caddy, "reverse_proxy /shop* 127");
  const plain = await sites([]);
  assert.not.match(plain.nginx, "proxy_read_timeout");
  assert.not.match(plain.caddy, "response_header_timeout");
});

proxies("a site is refused where no proxy could reach corn", async () => {
  for (const bind of [":0", "fd://3", "unix:@shop"]) {
    const error = await failure(sites(["-b", bind]));
    assert.match(
      error.message,
      /^Cannot make nginx: bind is .* from -b, which/,
    );
  }
  const proxied = await failure(sites(["--proxy-protocol", "v1"]));
  assert.match(proxied.message, "proxyProtocol is v1 from --proxy-protocol");
});

proxies.run();
