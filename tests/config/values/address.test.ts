import { addressUrl } from "../../../src/base/addresses/address-text.ts";
import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import {
  addressKey,
  formatAddress,
  formatBind,
  parseAddress,
  sameAddress,
  schemeOf,
} from "../../../src/config/values/address.ts";
import { ConfigError } from "../../../src/base/errors.ts";

const address = suite("address");

/** Text, its canonical form, its URL. */
const good = [
  ["127.0.0.1:8000", "127.0.0.1:8000", "http://127.0.0.1:8000"],
  ["localhost", "localhost:8000", "http://localhost:8000"],
  ["LocalHost:0", "LocalHost:0", "http://LocalHost:0"],
  [":3000", "0.0.0.0:3000", "http://0.0.0.0:3000"],
  ["0.0.0.0:65535", "0.0.0.0:65535", "http://0.0.0.0:65535"],
  ["my-host.example:80", "my-host.example:80", "http://my-host.example:80"],
  ["[::1]:80", "[::1]:80", "http://[::1]:80"],
  ["[::]", "[::]:8000", "http://[::]:8000"],
  ["[0:0:0:0:0:0:0:1]:80", "[::1]:80", "http://[::1]:80"],
  ["[fe80::1%eth0]:80", "[fe80::1%eth0]:80", "http://[fe80::1%eth0]:80"],
  ["tcp://localhost:80", "localhost:80", "http://localhost:80"],
  ["tcp://[::1]", "[::1]:8000", "http://[::1]:8000"],
  ["unix:/run/a.sock", "unix:/run/a.sock", "unix:/run/a.sock"],
  ["unix:///run/a.sock", "unix:/run/a.sock", "unix:/run/a.sock"],
  ["unix:a.sock", "unix:a.sock", "unix:a.sock"],
  ["unix:@corn", "unix:@corn", "unix:@corn"],
  ["unix://a:b.sock", "unix:a:b.sock", "unix:a:b.sock"],
  ["fd://3", "fd://3", "fd://3"],
] as const;

for (const [text, canonical, url] of good) {
  address(`parseAddress() reads ${text}`, () => {
    const parsed = parseAddress(text);
    assert.is(formatAddress(parsed), canonical);
    assert.is(parsed.kind === "fd" ? url : addressUrl(parsed), url);
    assert.equal(parseAddress(canonical), parsed);
  });
}

const schemes = [
  ["https://0.0.0.0:443", "0.0.0.0:443", "https"],
  ["https://[::1]:8443/", "[::1]:8443", "https"],
  ["HTTP://localhost:80", "localhost:80", "http"],
] as const;

for (const [text, canonical, scheme] of schemes) {
  address(`parseAddress() reads the scheme of ${text}`, () => {
    const parsed = parseAddress(text);
    assert.is(formatAddress(parsed), canonical);
    assert.is(formatBind(parsed), `${scheme}://${canonical}`);
    assert.ok(sameAddress(parsed, parseAddress(canonical)));
    assert.is(schemeOf(parsed, { certfile: "a.pem" }), scheme);
  });
}

address("schemeOf() says https where there is a certificate, of TCP", () => {
  const of = (text: string, certfile?: string) =>
    schemeOf(parseAddress(text), { certfile });
  assert.is(of(":80"), "http");
  assert.is(of(":80", "a.pem"), "https");
  assert.is(of("fd://3", "a.pem"), "https");
  assert.is(of("http://:80", "a.pem"), "http");
  assert.is(of("unix:/a", "a.pem"), "http");
});

address(
  "addressKey() tells free ports apart by their scheme, and no other",
  () => {
    const of = (text: string) => addressKey(parseAddress(text));
    assert.is(of("https://a:0"), "https://a:0");
    assert.is(of("https://a:1"), "a:1");
    assert.is(of("http://a:443"), of("https://a:443"));
    assert.is(of("unix:/a"), "unix:/a");
  },
);

address("an abstract name may have 107 bytes", () => {
  const name = (length: number) => `unix:@${"ü".repeat(length / 2)}n`;
  assert.is(formatAddress(parseAddress(name(106))), name(106));
  assert.throws(
    () => parseAddress(name(108)),
    /the name has 109 bytes, an abstract one may have 107$/,
  );
});

const bad: readonly [string, RegExp][] = [
  ["", /give HOST:PORT or unix:PATH/],
  ["https://", /give the port too, such as https:\/\/0\.0\.0\.0:443/],
  ["https://a", /give the port too, such as https:\/\/a:443/],
  ["http://[::1]", /give the port too, such as http:\/\/\[::1\]:80/],
  ["https://a:443/x", /give no more than https:\/\/HOST:PORT/],
  ["https://u@a:443", /give no more than/],
  ["tcp://", /give HOST:PORT or unix:PATH/],
  ["8000", /write ":8000"/],
  ["localhost:", /port "" is not/],
  ["localhost:65536", /port "65536" is not a number from 0 to 65535/],
  ["localhost:-1", /port "-1"/],
  ["localhost:8e3", /port "8e3"/],
  ["::1", /in brackets/],
  ["fe80::1:8000", /in brackets/],
  ["[::g]:80", /"::g" is not an IPv6 address/],
  ["[::1", /neither a host name/],
  ["256.0.0.1:80", /"256\.0\.0\.1" is neither/],
  ["127.1:80", /"127\.1" is neither/],
  ["a b:80", /"a b" is neither/],
  ["user@host:80", /neither/],
  ["unix:", /give a path after unix:/],
  ["unix://", /give a path after unix:/],
  ["unix:@", /give a name after unix:@/],
  ["fd://", /number of a descriptor/],
  ["fd://2", /number of a descriptor from 3 on/],
  ["fd://x", /number of a descriptor/],
  ["ws://localhost:80", /"ws:\/\/" is not known/],
];

for (const [text, reason] of bad) {
  address(`parseAddress() refuses "${text}"`, () => {
    assert.throws(
      () => parseAddress(text),
      (error: unknown) =>
        error instanceof ConfigError &&
        error.message.startsWith("Cannot use address ") &&
        reason.test(error.message),
    );
  });
}

address("parseAddress() counts a unix path in bytes", () => {
  assert.is(parseAddress(`unix:/${"a".repeat(106)}`).kind, "unix");
  assert.throws(
    () => parseAddress(`unix:/${"é".repeat(54)}`),
    /has 109 bytes, a unix socket's may have 107/,
  );
});

address("sameAddress() tells whether two are one", () => {
  const same = (one: string, other: string) =>
    sameAddress(parseAddress(one), parseAddress(other));
  assert.ok(same("localhost", "LOCALHOST:8000"));
  assert.ok(same("[::1]:80", "[0::1]:80"));
  assert.not(same("localhost:80", "localhost:81"));
  assert.not(same("unix:/a", "unix:/A"));
  assert.not(same("unix:/a", "localhost"));
  assert.not(same("localhost", "unix:/a"));
});

address.run();
