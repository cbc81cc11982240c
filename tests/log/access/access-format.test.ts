import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import type { Exchange } from "../../../src/exchange/exchange.ts";
import type { TlsPeer } from "../../../src/runtime/runtime.ts";
import {
  presets,
  readAccessFormat,
} from "../../../src/log/access/access-format.ts";
import type { AccessFormat } from "../../../src/log/access/access-format.ts";
import { fields } from "../../../src/log/access/access-record.ts";
import { atoms, families } from "../../../src/log/access/atoms.ts";
import type { Facts } from "../../../src/log/access/atoms.ts";
import { createRequestIds } from "../../../src/log/access/request-id.ts";
import { createTimes } from "../../../src/log/access/times.ts";
import { anySeed, randomFrom } from "../../support/random.ts";
import { exchangeOf } from "./exchange.ts";

const format = suite("access-format");

const MOMENT = Date.UTC(2026, 10, 21, 4, 5, 6, 7);

const facts: Facts = {
  pid: 42,
  times: createTimes({ now: () => 0, date: () => new Date(MOMENT) }),
  idOf: createRequestIds(() => 0.5),
};

const read = new Map<string, AccessFormat>();

function line(text: string, exchange: Exchange = exchangeOf()): string {
  const format = read.get(text) ?? readAccessFormat(text);
  read.set(text, format);
  return format.line(exchange, facts);
}

const agent = { "user-agent": "curl/8", referer: "http://a/b" };

format("combined and common are Apache's", () => {
  const headers = { ...agent, authorization: `Basic ${btoa("joe:secret")}` };
  const common =
    '10.0.0.7 - joe [21/Nov/2026:04:05:06 +0000] "GET /page?q=1 HTTP/1.1" 200 1234';
  assert.is(line("common", exchangeOf({ headers })), common);
  assert.is(
    line("combined", exchangeOf({ headers })),
    `${common} "http://a/b" "curl/8"`,
  );
  assert.is(
    line("combined", exchangeOf({ bytes: undefined, peer: undefined })),
    '- - - [21/Nov/2026:04:05:06 +0000] "GET /page?q=1 HTTP/1.1" 200 - "-" "-"',
  );
});

format("each of Gunicorn's atoms is there", () => {
  const exchange = exchangeOf({
    target: "/a%20b/c?x=%20y",
    ms: 3456.7891,
    headers: {
      ...agent,
      authorization: `basic ${btoa("joe:x")}`,
      "x-id": "7",
      "content-type": "text/a",
    },
    answered: { "x-out": "8" },
  });
  const expected: Readonly<Record<string, string>> = {
    h: "10.0.0.7",
    l: "-",
    u: "joe",
    t: "[21/Nov/2026:04:05:06 +0000]",
    r: "GET /a%20b/c?x=%20y HTTP/1.1",
    m: "GET",
    U: String.raw`/a\u0020b/c`,
    q: "x=%20y",
    H: "HTTP/1.1",
    s: "200",
    B: "1234",
    b: "1234",
    f: "http://a/b",
    a: "curl/8",
    T: "3",
    M: "3456",
    D: "3456789",
    L: "3.456789",
    p: "<42>",
    "{X-Id}i": "7",
    "{X-None}i": "-",
    "{X-Out}o": "8",
    "{REQUEST_METHOD}e": "GET",
    "{RAW_URI}e": "/a%20b/c?x=%20y",
    "{PATH_INFO}e": String.raw`/a\u0020b/c`,
    "{QUERY_STRING}e": "x=%20y",
    "{SERVER_PROTOCOL}e": "HTTP/1.1",
    "{REMOTE_ADDR}e": "10.0.0.7",
    "{REMOTE_PORT}e": "50000",
    "{HTTP_X_ID}e": "7",
    "{CONTENT_TYPE}e": "text/a",
    "{wsgi.errors}e": "-",
  };
  for (const [name, text] of Object.entries(expected)) {
    assert.is(line(`%(${name})s`, exchange), text, name);
  }
  const own = ["X", "id"];
  assert.equal(
    Object.keys(atoms).filter((name) => !(name in expected)).sort(),
    own,
  );
  assert.equal(Object.keys(families), ["i", "o", "e", "x"]);
});

format("corn's own atoms tell the id and who left", () => {
  const given = exchangeOf({ headers: { "x-request-id": "abc-1" } });
  assert.is(line("%(id)s %(X)s", given), "abc-1 -");
  const left = exchangeOf({ aborted: true, status: 499 });
  const [id, mark] = line("%(id)s %(X)s", left).split(" ");
  assert.match(id!, /^[0-9a-f]{16}-\w+$/);
  assert.is(mark, "X");
  assert.is(line("%(id)s", left), id, "the name of a request changed");
  for (const bad of ["a b", "", "x".repeat(129), 'a"', "ä", "a\n"]) {
    const forged = exchangeOf({ headers: { "x-request-id": bad } });
    assert.match(line("%(id)s", forged), /^[0-9a-f]{16}-\w+$/);
  }
});

format("json and logfmt say the same of each field", () => {
  const headers = { ...agent, authorization: `Basic ${btoa("joe:x")}` };
  const exchange = exchangeOf({
    ...{ headers, aborted: true, status: 499, ms: 1.0054 },
    peer: { kind: "tcp", address: "::ffff:192.0.2.1", port: 5 },
  });
  const record = JSON.parse(line("json", exchange));
  const { id, ...rest } = record;
  assert.equal(rest, {
    ...{ time: "2026-11-21T04:05:06.007Z", client: "192.0.2.1", user: "joe" },
    ...{ method: "GET", target: "/page?q=1", protocol: "HTTP/1.1" },
    ...{ status: 499, bytes: 1234, ms: 1.005, aborted: true },
    ...{ referer: "http://a/b", agent: "curl/8", pid: 42 },
  });
  assert.equal(
    readLogfmt(line("logfmt", exchange)),
    Object.fromEntries(
      Object.entries({ ...rest, id }).map(([name, one]) => [name, `${one}`]),
    ),
  );
});

format("times and durations have three decimals", () => {
  const times = createTimes({ now: () => 0, date: () => new Date(MOMENT) });
  const show = (ms: number) => times.iso(ms - 7).slice(-6);
  assert.equal([0, 9, 10, 99, 100, 999, 1000].map(show), [
    ...["6.000Z", "6.009Z", "6.010Z", "6.099Z", "6.100Z", "6.999Z", "7.000Z"],
  ]);
  const durations = [0.0004, 0.009, 0.01, 0.099, 0.1, 0.9994, 12.3456, 2000];
  assert.equal(
    durations.map((ms) =>
      /"ms":([\d.]+)/.exec(line("json", exchangeOf({ ms })))?.[1]
    ),
    [
      "0.000",
      "0.009",
      "0.010",
      "0.099",
      "0.100",
      "0.999",
      "12.346",
      "2000.000",
    ],
  );
});

format("a client's lines tell their own second", () => {
  const exchange = exchangeOf({ startMs: 1000 });
  for (const name of ["common", "combined"]) {
    assert.match(line(name, exchangeOf()), "[21/Nov/2026:04:05:06 +0000]");
    assert.match(line(name, exchange), "[21/Nov/2026:04:05:07 +0000]");
    assert.match(line(name, exchangeOf()), "[21/Nov/2026:04:05:06 +0000]");
  }
  const later = createTimes({ now: () => 500, date: () => new Date(MOMENT) });
  assert.is(later.iso(500), "2026-11-21T04:05:06.007Z");
});

format("readAccessFormat() shows what is no name", () => {
  assert.throws(
    () => readAccessFormat("%(h)s %x and more"),
    /^"%x and m" is no %\(name\)s; write %% for a percent sign$/,
  );
});

format("the TLS of a connection has Apache's names", () => {
  const names = [
    ...["SSL_PROTOCOL", "SSL_CIPHER", "SSL_TLS_SNI", "SSL_CLIENT_VERIFY"],
    ...["SSL_CLIENT_S_DN", "SSL_CLIENT_I_DN", "SSL_CLIENT_M_SERIAL"],
    ...["SSL_CLIENT_SAN", "SSL_CLIENT_FINGERPRINT", "SSL_OTHER"],
  ];
  const shown = (tls: object | undefined) =>
    names.map((name) =>
      line(`"%({${name}}x)s"`, exchangeOf({ tls: tls as TlsPeer })).slice(1, -1)
    );
  const certificate = {
    ...{ subject: "CN=a", issuer: "CN=b", serialNumber: "0a" },
    ...{ subjectAltNames: ["DNS:a", "DNS:b"], fingerprint256: "AB:CD" },
  };
  const tls = { protocol: "TLSv1.3", cipher: "TLS_AES", servername: "a.test" };
  assert.equal(
    shown({ ...tls, authorized: true, peerCertificate: () => certificate }),
    [
      ...["TLSv1.3", "TLS_AES", "a.test", "SUCCESS", "CN=a", "CN=b", "0a"],
      ...["DNS:a,DNS:b", "AB:CD", "-"],
    ],
  );
  assert.equal(
    shown({ ...tls, authorized: false, peerCertificate: () => undefined }),
    ["TLSv1.3", "TLS_AES", "a.test", "NONE", "-", "-", "-", "-", "-", "-"],
  );
  assert.equal(shown(undefined), Array(10).fill("-"));
});

format("what cannot be read shows as it came, or not at all", () => {
  const user = (authorization: string) =>
    line("%(u)s", exchangeOf({ headers: { authorization } }));
  assert.is(user(`Basic ${btoa("joe:x:y")}`), "joe");
  for (
    const bad of ["Basic", "Basic a", "Bearer x", `Basic ${btoa("joe")}`]
  ) assert.is(user(bad), "-");
  assert.is(line("%(U)s", exchangeOf({ target: "/a%zz" })), "/a%zz");
  assert.is(line("%(U)s"), "/page");
  assert.is(line("%(q)s", exchangeOf({ target: "/a" })), "-");
});

format("an unread request has no line of its own to show", () => {
  const unread = exchangeOf({
    method: "",
    target: "",
    protocol: undefined,
    status: 400,
  });
  assert.match(line("common", unread), /\] "-" 400 1234$/);
  assert.is(line("%(r)s|%(m)s|%(U)s|%(H)s", unread), "-|-|-|-");
  const silent = exchangeOf({ protocol: undefined });
  assert.is(line("%(r)s", silent), "GET /page?q=1 HTTP/1.1");
  assert.is(line("%(H)s", silent), "-");
});

format("no value breaks out of its field", () => {
  const headers = {
    "user-agent": '" 200 0 "\n\\"x\t\x1b[31m',
    authorization: `Basic ${btoa("a b:c")}`,
  };
  const exchange = exchangeOf({ headers });
  assert.is(
    line('"%(a)s"', exchange),
    String.raw`"\" 200 0 \"\u000a\\\"x\u0009\u001b[31m"`,
  );
  assert.is(line("%(u)s", exchange), String.raw`a\u0020b`);
  assert.is(
    line("[%({x}i)s]", exchangeOf({ headers: { x: "]' [" } })),
    String.raw`[\u005d\u0027\u0020\u005b]`,
  );
  assert.is(
    line("%(m)s|%({x}i)s|", exchangeOf({ headers: { x: "a|b;c" } })),
    String.raw`GET|a\u007cb;c|`,
  );
  assert.is(
    line("%({x}i)s;%(m)s", exchangeOf({ headers: { x: "a|b;c" } })),
    String.raw`a|b\u003bc;GET`,
  );
  assert.is(
    line("%(r)s", exchangeOf({ target: "/a b" })),
    String.raw`GET /a\u0020b HTTP/1.1`,
  );
  assert.is(line("100%% %(s)s%%"), "100% 200%");
});

format("readAccessFormat() tells what is looked at", () => {
  const seen = (text: string) =>
    Object.entries(readAccessFormat(text).needs).filter(([, on]) => on)
      .map(([name]) => name).join();
  assert.is(seen("%(s)s %(D)s %(t)s"), "");
  assert.is(seen("%(h)s"), "peer");
  assert.is(seen("%(b)s"), "bytes");
  assert.is(seen("%({x}i)s"), "requestHeaders");
  assert.is(seen("%({x}o)s"), "responseHeaders");
  assert.is(seen("common"), "requestHeaders,bytes,peer");
  assert.is(seen("json"), "requestHeaders,bytes,peer");
});

/** Characters that formats, shells, terminals and readers stumble over. */
const NASTY = [
  ..."\"\\\n\r\t\0 []{}%=,;|<>&'`\x1b\x7f",
  "\u0085",
  "\u00a0",
  "\u00e4",
  "\u2028",
  "\u202e",
  "\u{1f600}",
  "\ud800",
  "\\n",
  "%0a",
  "%22",
  '" 200 "',
];

/** An exchange in which everything that a client or an app can choose is nasty. */
function nasty(random: () => number): Exchange {
  const pick = <T>(list: readonly T[]): T =>
    list[Math.floor(random() * list.length)] as T;
  const text = () =>
    Array.from(
      { length: Math.floor(random() * 8) },
      () => random() < 0.5 ? pick(NASTY) : "abc/1"[Math.floor(random() * 5)]!,
    ).join("");
  const maybe = () => random() < 0.2 ? undefined : text();
  const headers: Record<string, string> = {};
  for (const name of ["referer", "user-agent", "x-request-id", "x"]) {
    const value = maybe();
    if (value !== undefined) headers[name] = value;
  }
  const bytes = new TextEncoder().encode(`${text()}:${text()}`);
  headers.authorization = `Basic ${btoa(String.fromCharCode(...bytes))}`;
  return exchangeOf({
    method: random() < 0.1 ? "" : text().replaceAll(" ", "") || "GET",
    target: `/${text()}`,
    protocol: random() < 0.3 ? undefined : "HTTP/1.0",
    bytes: random() < 0.3 ? undefined : Math.floor(random() * 1e6),
    status: pick([200, 304, 404, 499, 500]),
    aborted: random() < 0.5,
    headers,
    answered: { "x-out": text() },
  });
}

const QUOTED = String.raw`"((?:[^"\\]|\\.)*)"`;
const COMBINED = new RegExp(
  `^(\\S+) - (\\S+) \\[([^\\]]+)\\] ${QUOTED} (\\d{3}) (\\d+|-) ${QUOTED} ${QUOTED}$`,
);

/** True for what ends a line, or moves a terminal's cursor, somewhere. */
function hasControl(text: string): boolean {
  // deno-lint-ignore no-control-regex
  return /[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/.test(text);
}

/** What a quoted value was before. */
function unquoted(text: string): string {
  return JSON.parse(`"${text}"`);
}

/** Logfmt, read by its rules. */
function readLogfmt(text: string): Record<string, string> {
  const pairs: Record<string, string> = {};
  const rest = text.replace(
    /(\w+)=(?:("(?:[^"\\]|\\.)*")|([^\s"=]+))(?: |$)/g,
    (_, name, quoted, bare) => {
      pairs[name] = quoted === undefined ? bare : JSON.parse(quoted);
      return "";
    },
  );
  assert.is(rest, "", `no logfmt: ${text}`);
  return pairs;
}

format("one exchange is one line that reads back, whatever is in it", () => {
  const seed = anySeed();
  const random = randomFrom(seed);
  for (let turn = 0; turn < 3000; turn++) {
    const exchange = nasty(random);
    const why = `seed ${seed}, turn ${turn}`;
    const agent = exchange.requestHeader("user-agent");
    const wellFormed = (text: string) => text.toWellFormed();

    const combined = line("combined", exchange);
    assert.not(hasControl(combined), why);
    const parts = COMBINED.exec(combined);
    assert.ok(parts !== null, `${why}: ${combined}`);
    assert.is(unquoted(parts[8]!), agent || "-", why);
    assert.is(parts[5], String(exchange.status), why);
    assert.is(combined, line(String(presets.combined), exchange), why);
    assert.is(
      line("common", exchange),
      line(String(presets.common), exchange),
      why,
    );

    const json = line("json", exchange);
    assert.not(hasControl(json), why);
    const record = JSON.parse(json);
    assert.is(record.agent, agent || undefined, why);
    assert.is(record.target, exchange.target, why);
    assert.is(record.status, exchange.status, why);
    assert.is(record.aborted, exchange.aborted || undefined, why);

    const logfmt = line("logfmt", exchange);
    assert.not(hasControl(logfmt), why);
    const pairs = readLogfmt(logfmt);
    assert.is(pairs.agent, agent || undefined, why);
    assert.is(pairs.target, exchange.target, why);
    assert.equal(Object.keys(pairs), Object.keys(record), why);

    const own = line(
      '{"a":"%(a)s","u":"%(U)s","x":"%({x}i)s","o":"%({x-out}o)s"}',
      exchange,
    );
    assert.not(hasControl(own), why);
    const parsed = JSON.parse(own);
    assert.is(parsed.x, exchange.requestHeader("x") || "-", why);
    assert.is(parsed.o, exchange.responseHeader("x-out") || "-", why);

    const words = line("%({x}i)s %(u)s %(r)s %(U)s %({x-out}o)s", exchange);
    assert.not(hasControl(words), why);
    assert.is(words.split(" ").length, exchange.method === "" ? 5 : 7, why);
    assert.is(wellFormed(words), words, why);
  }
});

format("presets and fields are named once", () => {
  assert.equal(Object.keys(presets), ["combined", "common", "json", "logfmt"]);
  const names = fields.map(({ name }) => name);
  assert.is(new Set(names).size, names.length);
});

format.run();
