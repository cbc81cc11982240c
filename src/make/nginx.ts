/** A site of nginx in front of corn. */
import { lines } from "./file.ts";
import type { MadeFile } from "./file.ts";
import type { Subject } from "./subject.ts";
import {
  distrustOf,
  isSecure,
  proxyKeepAlive,
  upstreamOf,
} from "./upstream.ts";
import type { Upstream } from "./upstream.ts";

/** What nginx waits for an answer where it is told nothing, in seconds. */
const READ_TIMEOUT = 60;

/** Of a variable's name, so that it fits the default variables_hash_bucket_size, 64. */
const VARIABLE = 30;

export function makeNginx(subject: Subject): MadeFile[] {
  const { name, config } = subject;
  const { basePath, requestTimeout } = config.settings;
  const upstream = upstreamOf(subject, "nginx");
  const distrust = distrustOf(subject, upstream);
  const idle = proxyKeepAlive(subject);
  const variable = `$${
    name.replaceAll("-", "_").slice(0, VARIABLE)
  }_connection`;
  const text = lines(
    `# /etc/nginx/sites-enabled/${name}`,
    `upstream ${name} {`,
    "    # corn queues what it cannot answer yet: nginx need not try elsewhere.",
    `    server ${serverOf(upstream)} fail_timeout=0;`,
    idle === undefined ? undefined : [
      "    keepalive 16;",
      `    # Less than keepAlive, ${config.settings.keepAlive}, so that it is nginx that closes.`,
      `    keepalive_timeout ${idle}s;`,
    ],
    "}",
    "",
    "# For WebSockets; nothing otherwise, so that connections are kept.",
    `map $http_upgrade ${variable} {`,
    "    default upgrade;",
    `    '' ${idle === undefined ? "close" : "''"};`,
    "}",
    "",
    "server {",
    "    listen 80;",
    "    # The names of the site, such as shop.example.",
    "    server_name _;",
    bodyLimit(subject),
    "",
    `    location ${basePath || "/"} {`,
    `        proxy_pass ${isSecure(upstream) ? "https" : "http"}://${name};`,
    isSecure(upstream)
      ? [
        "        # corn speaks TLS there, and nginx looks at no certificate: a unix socket would be plain.",
        "        proxy_ssl_server_name on;",
        "        proxy_ssl_name $host;",
      ]
      : undefined,
    "        proxy_http_version 1.1;",
    "        proxy_set_header Upgrade $http_upgrade;",
    `        proxy_set_header Connection ${variable};`,
    "        proxy_set_header Host $host;",
    distrust === undefined ? undefined : `        # ${distrust}`,
    "        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
    "        proxy_set_header X-Forwarded-Proto $scheme;",
    "        proxy_set_header X-Request-Id $request_id;",
    "        proxy_set_header X-Request-Start t=$msec;",
    requestTimeout + 5 > READ_TIMEOUT
      ? [
        `        # More than requestTimeout, ${requestTimeout}: it is corn that answers 504.`,
        `        proxy_read_timeout ${Math.ceil(requestTimeout) + 5}s;`,
      ]
      : undefined,
    "        # Never POST, which corn may have begun with: that takes non_idempotent.",
    "        proxy_next_upstream error timeout;",
    "        proxy_redirect off;",
    "    }",
    "}",
  );
  return [{ name: `${name}.conf`, text }];
}

function serverOf(upstream: Upstream): string {
  return upstream.kind === "unix"
    ? quoted(`unix:${upstream.path}`)
    : `${upstream.host}:${upstream.port}`;
}

/** A word of nginx's, in quotes where it needs them. */
function quoted(word: string): string {
  return /^[\w/.:@%+,=~-]+$/.test(word)
    ? word
    : `"${word.replaceAll(/["\\]/g, "\\$&")}"`;
}

function bodyLimit({ config }: Subject): string[] {
  const { limitRequestBody } = config.settings;
  // nginx takes 0 for no limit, as corn does.
  if (limitRequestBody > 0) {
    return [
      "    # As limitRequestBody.",
      `    client_max_body_size ${limitRequestBody};`,
    ];
  }
  return [
    "    # corn takes any, limitRequestBody is 0.",
    "    client_max_body_size 10m;",
  ];
}
