import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import {
  Contradiction,
  readOrigin,
} from "../../../src/gateway/proxies/forwarded.ts";
import type { Origin } from "../../../src/gateway/proxies/forwarded.ts";
import type { ForwardingHeader } from "../../../src/gateway/proxies/forwarding-rules.ts";
import { parseForwarded } from "../../../src/gateway/proxies/forwarded-header.ts";
import { networkTest } from "../../../adapters/shared/sockets/networks.ts";
import { peerTest } from "../../../src/base/addresses/networks.ts";
import { formatIp, parseIp } from "../../../src/base/addresses/ip.ts";
import { anySeed, randomFrom } from "../../support/random.ts";

const forwarded = suite("Forwarded");

interface Query {
  readonly hops?: number;
  readonly trusted?: readonly string[];
  readonly headers?: readonly ForwardingHeader[];
}

const every: readonly ForwardingHeader[] = [
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-port",
];

const secureSchemes = {
  "x-forwarded-protocol": "ssl",
  "x-forwarded-proto": "https",
  "x-forwarded-ssl": "on",
};

function read(
  values: Readonly<Record<string, string>>,
  { hops = 1, trusted = ["10.0.0.0/8"], headers = every }: Query = {},
): Origin | Contradiction | undefined {
  return readOrigin((name) => values[name], {
    hops,
    headers,
    secureSchemes,
    trusts: peerTest(trusted, { runtime: { networkTest } }),
  });
}

/** The client's address, or why there is none. */
function client(values: Record<string, string>, query?: Query): string {
  const said = read(values, query);
  if (said instanceof Contradiction) return said.reason;
  const found = said?.client;
  return found?.kind === "tcp"
    ? found.port === 0 ? found.address : `${found.address} ${found.port}`
    : found?.kind ?? "none";
}

forwarded("readOrigin() takes the last entry of X-Forwarded-For", () => {
  const cases = [
    ["192.0.2.1", "192.0.2.1"],
    ["203.0.113.9, 192.0.2.1", "192.0.2.1"],
    ["nonsense, 192.0.2.1", "192.0.2.1"],
    ["203.0.113.9 ,192.0.2.1\t", "192.0.2.1"],
    ["192.0.2.1:8080", "192.0.2.1 8080"],
    ["2001:DB8::1", "2001:db8::1"],
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["[2001:db8::1]", "2001:db8::1"],
    ["[2001:db8::1]:99", "2001:db8::1 99"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::ffff:c000:201", "192.0.2.1"],
    ["unknown", "hidden"],
    ["_secret", "hidden"],
  ] as const;
  for (const [value, expected] of cases) {
    assert.is(client({ "x-forwarded-for": value }), expected, value);
  }
});

forwarded("readOrigin() refuses an entry that is no address", () => {
  const bad = [
    "",
    " ",
    "192.0.2.1,",
    "192.0.2.1, ",
    "192.0.2.256",
    "192.0.2.01",
    "192.0.2.1:",
    "192.0.2.1:99999",
    "192.0.2.1 192.0.2.2",
    "[192.0.2.1]",
    "[::1",
    "::1]",
    "fe80::1%eth0",
    "example.com",
    '"192.0.2.1"',
    "for=192.0.2.1",
    "192.0.2.1;x",
    "１92.0.2.1",
  ];
  for (const value of bad) {
    assert.is(
      client({ "x-forwarded-for": value }),
      "X-Forwarded-For is not valid",
      value,
    );
  }
});

forwarded(
  "readOrigin() goes on past trusted proxies, as many as it may",
  () => {
    const value = "192.0.2.1, 10.0.0.1, 10.0.0.2";
    const header = { "x-forwarded-for": value };
    assert.is(client(header), "10.0.0.2");
    assert.is(client(header, { hops: 2 }), "10.0.0.1");
    assert.is(client(header, { hops: 3 }), "192.0.2.1");
    assert.is(client(header, { hops: 9 }), "192.0.2.1");
    // Who is not trusted is the client, whatever it says of others.
    assert.is(client(header, { hops: 3, trusted: ["10.0.0.2"] }), "10.0.0.1");
    assert.is(client(header, { hops: 3, trusted: [] }), "10.0.0.2");
    assert.is(client(header, { hops: 2, trusted: ["*"] }), "10.0.0.1");
    const hidden = { "x-forwarded-for": "192.0.2.1, unknown" };
    assert.is(client(hidden, { hops: 2, trusted: ["*"] }), "hidden");
  },
);

forwarded("readOrigin() reads Forwarded", () => {
  const cases = [
    ["for=192.0.2.1", "192.0.2.1"],
    ["For=192.0.2.1;Proto=http;by=203.0.113.43", "192.0.2.1"],
    ['for="192.0.2.1:4711"', "192.0.2.1 4711"],
    ['for="[2001:db8:cafe::17]:4711"', "2001:db8:cafe::17 4711"],
    ['for="_gazonk"', "hidden"],
    ["for=unknown", "hidden"],
    ['for="192.0.2.1:_port"', "192.0.2.1"],
    ["for=203.0.113.9, for=192.0.2.1", "192.0.2.1"],
    ["for=203.0.113.9,, ,for=192.0.2.1 , ", "192.0.2.1"],
    ['for="a,b;c=\\"d", for=192.0.2.1', "192.0.2.1"],
    ["proto=https", "none"],
    ["for=192.0.2.1; proto=https", "192.0.2.1"],
  ] as const;
  for (const [value, expected] of cases) {
    assert.is(client({ forwarded: value }), expected, value);
  }
});

forwarded("readOrigin() refuses a Forwarded that is not valid", () => {
  const bad = [
    "",
    ",",
    "for",
    "for=",
    "=192.0.2.1",
    "for=[::1]",
    "for=::1",
    'for="::1"',
    'for="[::1]',
    "for=192.0.2.1;for=192.0.2.2",
    "for=192.0.2.1 proto=http",
    "for = 192.0.2.1",
    'for="192.0.2.1"x',
    "for=192.0.2.1;proto=ftp",
    // What every object has is no scheme.
    "for=192.0.2.1;proto=constructor",
    "for=192.0.2.1;proto=__proto__",
    "for=192.0.2.1;proto=valueOf",
    'for=192.0.2.1;host=""',
    'for=192.0.2.1;host="a b"',
    'for=192.0.2.1;host="a/b"',
    // Left open by a client, it would swallow what a proxy appends.
    'for="203.0.113.9, for=192.0.2.1',
    'for=a;x=", for="[2001:db8::1]"',
  ];
  for (const value of bad) {
    assert.is(client({ forwarded: value }), "Forwarded is not valid", value);
  }
});

forwarded("parseForwarded() undoes quotes", () => {
  const [element] = parseForwarded('for="a\\"b\\\\c";proto=https') ?? [];
  assert.equal([...element ?? []], [["for", 'a"b\\c'], ["proto", "https"]]);
});

forwarded("readOrigin() knows https by any of the headers", () => {
  const scheme = (values: Record<string, string>) => {
    const said = read(values);
    return said instanceof Contradiction ? said.reason : said?.secure;
  };
  assert.is(scheme({ "x-forwarded-proto": "https" }), true);
  assert.is(scheme({ "x-forwarded-proto": "HTTPS" }), true);
  assert.is(scheme({ "x-forwarded-proto": "http" }), false);
  assert.is(scheme({ "x-forwarded-proto": "wss" }), false);
  assert.is(scheme({ "x-forwarded-ssl": "on" }), true);
  assert.is(scheme({ "x-forwarded-protocol": "ssl" }), true);
  assert.is(
    scheme({ "x-forwarded-proto": "https", "x-forwarded-ssl": "on" }),
    true,
  );
  assert.is(scheme({ "x-forwarded-proto": "https, https" }), true);
  assert.is(scheme({ forwarded: "proto=https" }), true);
  assert.is(scheme({ forwarded: "proto=http" }), false);
  assert.is(scheme({ forwarded: "proto=WSS" }), true);
  assert.is(scheme({ forwarded: "proto=ws" }), false);
  assert.is(scheme({ forwarded: "proto=wss" }), true);
  assert.is(scheme({ forwarded: "proto=https, proto=http" }), false);
  const disagree = "The headers of the scheme disagree";
  assert.is(
    scheme({ "x-forwarded-proto": "https", "x-forwarded-ssl": "off" }),
    disagree,
  );
  assert.is(
    scheme({ "x-forwarded-proto": "off, https", "x-forwarded-ssl": "on, off" }),
    disagree,
  );
});

forwarded("readOrigin() reads lists of schemes as those of clients", () => {
  const scheme = (proto: string, chain?: string, hops = 2) => {
    const said = read({
      "x-forwarded-proto": proto,
      ...(chain !== undefined && { "x-forwarded-for": chain }),
    }, { hops });
    return said instanceof Contradiction ? said.reason : said?.secure;
  };
  const two = "192.0.2.1, 10.0.0.1";
  assert.is(scheme("https,http", two), true);
  assert.is(scheme("http, https", two), false);
  assert.is(scheme("https", two), true, "one proxy alone tells");
  assert.is(scheme("https, http", two, 1), false, "the client's own claim");
  assert.is(scheme("https, http", "192.0.2.1"), false, "one proxy");
  assert.is(scheme("https, http", "10.0.0.1, 192.0.2.1"), false, "a stranger");
  assert.is(scheme("https, http"), false, "nobody tells of two");
  assert.is(scheme("https, http, http", two), false);
  assert.is(scheme("http, https, http", two), true);
  assert.is(scheme(",", two), false);
});

forwarded("readOrigin() reads host and port", () => {
  const where = (values: Record<string, string>, hops = 1) => {
    const said = read(values, { hops });
    return said instanceof Contradiction
      ? said.reason
      : [said?.host, said?.port];
  };
  assert.equal(where({ "x-forwarded-host": "a.example" }), [
    "a.example",
    undefined,
  ]);
  assert.equal(
    where({ "x-forwarded-host": "a.example", "x-forwarded-port": "8443" }),
    ["a.example", 8443],
  );
  assert.equal(where({ "x-forwarded-host": "evil, a.example" }), [
    "a.example",
    undefined,
  ]);
  assert.equal(
    where({
      "x-forwarded-for": "192.0.2.1, 10.0.0.1",
      "x-forwarded-host": "a.example, inner",
      "x-forwarded-port": "443, 80",
    }, 2),
    ["a.example", 443],
  );
  assert.equal(where({ forwarded: 'host="a.example:8443"' }), [
    "a.example:8443",
    undefined,
  ]);
  for (const port of [1, 65535]) {
    const fields = {
      "x-forwarded-host": "a.example",
      "x-forwarded-port": `${port}`,
    };
    assert.equal(where(fields), ["a.example", port]);
  }
  const bad = "X-Forwarded-Host is not valid";
  for (const host of ["", "a b", "a/b", "user@a", "a:port", "[::1", "a\\b"]) {
    assert.is(where({ "x-forwarded-host": host }), bad, host);
  }
  for (const port of ["", "0", "65536", "-1", "8o", "8443.0", "0x50"]) {
    assert.is(
      where({ "x-forwarded-port": port }),
      "X-Forwarded-Port is not valid",
      port,
    );
  }
  assert.is(
    where({ "x-forwarded-host": "a:1", "x-forwarded-port": "2" }),
    "X-Forwarded-Host and X-Forwarded-Port disagree",
  );
});

forwarded("readOrigin() refuses headers that contradict each other", () => {
  const disagree = "Forwarded and X-Forwarded headers disagree";
  const pairs = [
    ["for=192.0.2.1", { "x-forwarded-for": "192.0.2.2" }],
    ["for=unknown", { "x-forwarded-for": "192.0.2.2" }],
    ["proto=http", { "x-forwarded-proto": "https" }],
    ["host=a", { "x-forwarded-host": "b" }],
  ] as const;
  for (const [value, others] of pairs) {
    assert.is(client({ forwarded: value, ...others }), disagree, value);
  }
  const same = {
    forwarded: 'for="192.0.2.1:80";proto=https;host=A.example',
    "x-forwarded-for": "203.0.113.1, 192.0.2.1",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "a.example",
  };
  assert.is(client(same), "192.0.2.1");
});

forwarded("readOrigin() reads nothing that it was not told to", () => {
  const values = {
    forwarded: "for=192.0.2.1;host=evil",
    "x-forwarded-for": "192.0.2.2",
    "x-forwarded-host": "evil",
    "x-forwarded-port": "99999",
  };
  assert.is(read(values, { headers: [] }), undefined);
  assert.equal(read(values, { headers: ["x-forwarded-for"] }), {
    client: { kind: "tcp", address: "192.0.2.2", port: 0 },
    secure: undefined,
    host: undefined,
    port: undefined,
  });
});

/** Text as an attacker would write it. */
function mess(random: () => number): string {
  const parts = [
    ...["for=", "proto=https", "host=", ";", ",", ", ", '"', "\\", '"\\"'],
    ...["192.0.2.66", "10.6.6.6", "[::6]", "unknown", "_x", "=", " ", "x"],
  ];
  const count = Math.floor(random() * 8);
  return Array.from(
    { length: count },
    () => parts[Math.floor(random() * parts.length)],
  ).join("");
}

forwarded("a client never chooses its own address", () => {
  const seed = anySeed();
  const random = randomFrom(seed);
  let told = 0;
  for (let round = 0; round < 20_000; round++) {
    const bytes = Uint8Array.from(
      { length: random() < 0.5 ? 4 : 16 },
      () => Math.floor(random() * 256),
    );
    bytes[0] = 203;
    const own = formatIp(bytes);
    const node = bytes.length === 4 ? own : `"[${own}]"`;
    const inner = random() < 0.5;
    // Each proxy appends what it sees, after all that the client sent.
    const chain = [mess(random), own, ...inner ? ["10.0.0.9"] : []];
    const elements = [
      mess(random),
      `for=${node};proto=http`,
      ...inner ? ["for=10.0.0.9"] : [],
    ];
    const query = { hops: inner ? 2 : 1 };
    const values: Record<string, string> = random() < 0.5
      ? { "x-forwarded-for": chain.join(", ") }
      : { forwarded: elements.join(", ") };
    const found = client(values, query);
    const why = `${JSON.stringify(values)}, seed ${seed}`;
    if (/not valid$/.test(found)) continue;
    told++;
    assert.equal(parseIp(found), parseIp(own), why);
  }
  assert.ok(told > 5000, `${told}`);
});

forwarded.run();
