/** A site of Caddy in front of corn; it sets X-Forwarded-For and -Proto, and passes WebSockets on, by itself. */
import { lines } from "./file.ts";
import type { MadeFile } from "./file.ts";
import type { Subject } from "./subject.ts";
import {
  distrustOf,
  isSecure,
  proxyKeepAlive,
  upstreamOf,
} from "./upstream.ts";

export function makeCaddy(subject: Subject): MadeFile[] {
  const { config } = subject;
  const { limitRequestBody, basePath, requestTimeout } = config.settings;
  const upstream = upstreamOf(subject, "caddy");
  const distrust = distrustOf(subject, upstream);
  const idle = proxyKeepAlive(subject);
  const address = upstream.kind === "unix"
    ? quoted(`unix/${upstream.path}`)
    : `${
      isSecure(upstream) ? "https://" : ""
    }${upstream.host}:${upstream.port}`;
  const text = lines(
    "# The names of the site, such as shop.example: Caddy gets their certificates.",
    ":80 {",
    limitRequestBody > 0
      ? [
        "\t# As limitRequestBody.",
        "\trequest_body {",
        `\t\tmax_size ${limitRequestBody}`,
        "\t}",
      ]
      : undefined,
    `\treverse_proxy ${basePath ? `${basePath}* ` : ""}${address} {`,
    distrust === undefined ? undefined : `\t\t# ${distrust}`,
    "\t\theader_up X-Request-Id {http.request.uuid}",
    '\t\theader_up X-Request-Start "t={time.now.unix_ms}"',
    "\t\t# What is streamed goes on at once.",
    "\t\tflush_interval -1",
    "\t\ttransport http {",
    isSecure(upstream)
      ? [
        "\t\t\t# corn speaks TLS there, by a name that is not this address: a unix socket would be plain.",
        "\t\t\ttls_insecure_skip_verify",
      ]
      : undefined,
    idle === undefined ? "\t\t\tkeepalive off" : [
      `\t\t\t# Less than keepAlive, ${config.settings.keepAlive}, so that it is Caddy that closes.`,
      `\t\t\tkeepalive ${idle}s`,
    ],
    requestTimeout > 0
      ? [
        `\t\t\t# More than requestTimeout, ${requestTimeout}: it is corn that answers 504.`,
        `\t\t\tresponse_header_timeout ${Math.ceil(requestTimeout) + 5}s`,
      ]
      : undefined,
    "\t\t}",
    "\t}",
    "}",
  );
  return [{ name: "Caddyfile", text }];
}

/** A word of a Caddyfile, in quotes where it needs them. */
function quoted(word: string): string {
  return /^[\w/.:@%+,=~-]+$/.test(word)
    ? word
    : `"${word.replaceAll('"', '\\"')}"`;
}
