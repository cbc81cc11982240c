import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { Parser } from "../../../src/http/h1/parser.ts";
import { get, optionsWith, post, read, readOne, refused } from "./read.ts";

const parser = suite("Parser");

const line = (text: string) => `${text}\r\nHost: a\r\n\r\n`;

parser("RFC 9112 §2.1: a request is a line, fields and an empty line", () => {
  const request = readOne(
    "GET /a/b?c=d HTTP/1.1\r\nHost: example.com:8000\r\nAccept: */*\r\nX-Odd: \xfc \t\r\nX-Empty:\r\n\r\n",
  );
  assert.equal(request, {
    method: "GET",
    url: "http://example.com:8000/a/b?c=d",
    minor: 1,
    keepsAlive: true,
    expectsContinue: false,
    fields: [
      "host",
      "example.com:8000",
      "accept",
      "*/*",
      "x-odd",
      "\xfc",
      "x-empty",
      "",
    ],
    body: "",
    trailers: [],
  });
});

parser("mayName() asks about each name by its length and first letter", () => {
  const one = new Parser(optionsWith());
  one.push(
    new TextEncoder().encode("GET / HTTP/1.1\r\nHost: a\r\nX-Abc: 1\r\n\r\n"),
    0,
  );
  const asked: [number, number][] = [];
  const mayBe = (...name: [number, number]) => asked.push(name) === 0;
  assert.is(one.head?.mayName({ mayBe }), false);
  assert.equal(asked, [[4, 72], [5, 88]]);
  assert.is(one.head?.mayName({ mayBe: (length) => length === 5 }), true);
});

parser(
  "RFC 9112 §2.2: an empty line before the request line is let pass, once",
  () => {
    readOne(`\r\n${get()}`);
    refused(400, [`\r\n\r\n${get()}`, `\n${get()}`, `\r${get()}`, ` ${get()}`]);
  },
);

parser("RFC 9112 §2.2: a bare CR or LF ends no line and is in none", () => {
  refused(400, [
    "GET / HTTP/1.1\nHost: a\n\n",
    "GET / HTTP/1.1\rHost: a\r\r",
    "GET / HTTP/1.1\r\nHost: a\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\n\n",
    "GET / HTTP/1.1\r\nHost: a\r\n\rX: y\r\n\r\n",
  ]);
});

parser("RFC 9112 §2.2: white space before the first field is refused", () => {
  refused(400, [
    "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
    "GET / HTTP/1.1\r\n\tHost: a\r\n\r\n",
    "GET / HTTP/1.1\r\n \r\nHost: a\r\n\r\n",
  ]);
});

parser(
  "RFC 9112 §2.3: the version is HTTP, a slash, a digit, a dot, a digit",
  () => {
    for (
      const version of [
        "HTTP/1",
        "HTTP/1.",
        "HTTP/.1",
        "HTTP/1.10",
        "HTTP/01.1",
        "HTTP/1,1",
        "HTTP 1.1",
        "http/1.1",
        "HTTPS/1.1",
        "HTTP/1.1 ",
        "HTTP/1.x",
        "",
        "X",
      ]
    ) refused(400, [line(`GET / ${version}`)]);
  },
);

parser("RFC 9110 §2.5: a later minor version is read as 1.1", () => {
  assert.is(readOne(line("GET / HTTP/1.9")).minor, 1);
});

parser("RFC 9110 §15.6.6: other major versions are not spoken", () => {
  refused(505, [
    line("GET / HTTP/2.0"),
    line("GET / HTTP/0.9"),
    line("GET / HTTP/9.9"),
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  ]);
});

parser("RFC 9112 §3: the parts of a request line are one space apart", () => {
  refused(400, [
    line("GET  / HTTP/1.1"),
    line("GET /  HTTP/1.1"),
    line("GET\t/ HTTP/1.1"),
    line("GET / x HTTP/1.1"),
    line("GET /"),
    line("GET"),
    line(" HTTP/1.1"),
    line("/ HTTP/1.1"),
  ]);
});

parser("RFC 9110 §9.1: a method is a token, and case-sensitive", () => {
  for (const method of ["GET", "PROPFIND", "M-SEARCH", "PURGE", "QUERY"]) {
    assert.is(readOne(line(`${method} / HTTP/1.1`)).method, method);
  }
  refused(
    400,
    ["G(T", "GE\x00T", "GÄT", "G:T"].map((one) => line(`${one} / HTTP/1.1`)),
  );
  refused(
    501,
    ["get", "Post", "CONNECT", "TRACE", "A".repeat(100)].map((one) =>
      line(`${one} / HTTP/1.1`)
    ),
  );
});

parser("RFC 9112 §3: a target that is too long is answered by 414", () => {
  const about = (size: number) =>
    line(`GET /${"a".repeat(size - "GET / HTTP/1.1".length)} HTTP/1.1`);
  readOne(about(100), { requestLine: 100 });
  refused(414, [about(101), about(120), about(5000)], { requestLine: 100 });
});

parser("RFC 9112 §3.2: Host is there, once and valid", () => {
  refused(400, [
    "GET / HTTP/1.1\r\n\r\n",
    get("Host: a"),
    get("host: b"),
    ...[
      "",
      "a b",
      "a/b",
      "a@b",
      "a:b",
      "a:1:2",
      ":80",
      "a:65536",
      "a?b",
      "a#b",
      "a\\b",
      "[::1",
      "::1",
      "[zz]",
      "[::1]a",
      "a[b]",
      "a[",
      "a]",
      "a%zz",
      "ä",
    ].map((host) => `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`),
  ]);
  for (
    const [host, origin] of [
      ["a", "http://a"],
      ["EXAMPLE.com:80", "http://example.com"],
      ["a:", "http://a"],
      ["[::1]:8000", "http://[::1]:8000"],
      ["127.0.0.1:1", "http://127.0.0.1:1"],
      ["a_b.c-d", "http://a_b.c-d"],
    ]
  ) {
    const { url } = readOne(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    assert.is(url, `${origin}/`);
  }
});

parser("RFC 9112 §3.2.1: origin-form is a path and a query", () => {
  const paths = [
    ["/", "/"],
    ["//evil/x", "//evil/x"],
    ["/a/../b/./c", "/b/c"],
    ["/%2e%2E/b", "/b"],
    ["/a.b/c..d?x=/../y", "/a.b/c..d?x=/../y"],
    ["/a%20b?c=%zz", "/a%20b?c=%zz"],
    ["/a|b?q={x}^`'[]\\", "/a|b?q={x}^`%27[]\\"],
    ["/?a??b", "/?a??b"],
  ] as const;
  for (const [target, path] of paths) {
    const { url } = readOne(line(`GET ${target} HTTP/1.1`));
    assert.is(url, `http://a${path}`);
  }
  refused(
    400,
    [
      '/"',
      "/#a",
      "/<x>",
      "/\x00",
      "/\x7f",
      "/ä",
      "/a\\b",
      "a/b",
      "?a",
    ].map((target) => line(`GET ${target} HTTP/1.1`)),
  );
});

parser("RFC 9112 §3.2.2: absolute-form goes before Host", () => {
  const url = (target: string) => readOne(line(`GET ${target} HTTP/1.1`)).url;
  assert.is(url("http://b:81/c?d"), "http://b:81/c?d");
  assert.is(url("HTTP://B"), "http://b/");
  assert.is(url("http://b?c"), "http://b/?c");
  refused(
    400,
    [
      "http://",
      "http:///a",
      "http://u@b/",
      "http://u:p@b/",
      "http:/a",
      "ftp://b/",
      "b:80",
    ].map((target) => line(`GET ${target} HTTP/1.1`)),
  );
  refused(400, ["GET http://b/ HTTP/1.1\r\n\r\n"]);
});

parser("RFC 9110 §7.4: https is not served over a plain connection", () => {
  refused(421, [line("GET https://a/ HTTP/1.1")]);
});

parser(
  "RFC 9112 §3.2.3: authority-form belongs to CONNECT, which is not served",
  () => {
    refused(501, [line("CONNECT a:443 HTTP/1.1")]);
  },
);

parser("RFC 9112 §3.2.4: asterisk-form belongs to OPTIONS", () => {
  assert.is(readOne(line("OPTIONS * HTTP/1.1")).url, "http://a/");
  refused(400, [line("GET * HTTP/1.1")]);
});

parser("RFC 9112 §5.1: no space between a field's name and its colon", () => {
  refused(400, [
    get("X : y"),
    get("X\t: y"),
    get("X y: z"),
    get("X"),
    get(": y"),
  ]);
});

parser("RFC 9110 §5.1: a field's name is a token", () => {
  refused(
    400,
    ["X(: y", "X\x00: y", "Ä: y", '"X": y', "X\x7f: y"].map((one) => get(one)),
  );
});

parser("RFC 9110 §5.5: a field's value has no control characters", () => {
  for (const byte of ["\x00", "\x01", "\x08", "\x0b", "\x1f", "\x7f"]) {
    refused(400, [get(`X: a${byte}b`), get(`X:${byte}`)]);
  }
  const { fields } = readOne(get("X: \t a\t b \xff \t"));
  assert.equal(fields.slice(2), ["x", "a\t b \xff"]);
});

parser("RFC 9112 §5.2: a folded line is refused", () => {
  refused(400, [get("X: a", " b"), get("X: a", "\tb"), get("X: a", " ")]);
});

parser("RFC 9110 §5.4: a field that is too large is answered by 431", () => {
  const field = (size: number) => get(`X: ${"a".repeat(size - 5)}`);
  const limits = { requestFieldSize: 50 };
  readOne(field(50), limits);
  refused(431, [
    field(51),
    field(5000),
    get("X".repeat(60)),
    get(`X:${" ".repeat(60)}`),
  ], limits);
  readOne(get(`X:${" ".repeat(46)}`), limits);
});

parser("RFC 6585 §5: too many fields are answered by 431", () => {
  const fields = (count: number) =>
    get(...Array.from({ length: count - 1 }, (_, at) => `X-${at}: y`));
  readOne(fields(100));
  refused(431, [fields(101), fields(3000)]);
});

parser("RFC 9112 §6.3: without framing there is no body", () => {
  const { requests } = read(get() + get("X: y"));
  assert.is(requests.length, 2);
});

parser("RFC 9110 §8.6: Content-Length is digits, once", () => {
  assert.is(readOne(post(["Content-Length: 5"], "hello")).body, "hello");
  assert.is(readOne(post(["content-LENGTH: 0"], "")).body, "");
  assert.is(readOne(post(["Content-Length: 0005"], "hello")).body, "hello");
  for (
    const value of [
      "",
      "+5",
      "-5",
      "5 5",
      "5,5",
      "5, 5",
      "0x5",
      "5.0",
      "1e1",
      "five",
      "5_0",
      "\xb2",
    ]
  ) refused(400, [post([`Content-Length: ${value}`], "hello")]);
  refused(400, [
    post(["Content-Length: 5", "Content-Length: 5"], "hello"),
    post(["Content-Length: 5", "Content-Length: 6"], "hello"),
  ]);
});

parser("RFC 9110 §15.5.14: a body beyond the limit is answered by 413", () => {
  readOne(post(["Content-Length: 5"], "hello"), { requestBody: 5 });
  refused(413, [post(["Content-Length: 6"], "hello!")], { requestBody: 5 });
  refused(413, [post([`Content-Length: ${"9".repeat(400)}`], "")]);
});

parser(
  "RFC 9112 §6.1: chunked is the last transfer coding, and the only one known",
  () => {
    const coded = (...lines: string[]) => post(lines, "0\r\n\r\n");
    for (const value of ["chunked", "CHUNKED", " chunked ", ",chunked,"]) {
      readOne(coded(`Transfer-Encoding: ${value}`));
    }
    for (
      const value of [
        "",
        "gzip",
        "identity",
        "chunked, gzip",
        "chunked, chunked",
        "chunked;a=b",
        "xchunked",
        "chunked\x0b",
        '"chunked"',
      ]
    ) refused(400, [coded(`Transfer-Encoding: ${value}`)]);
    refused(400, [
      coded("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
    ]);
    refused(501, [
      coded("Transfer-Encoding: gzip, chunked"),
      coded("Transfer-Encoding: gzip", "Transfer-Encoding: chunked"),
      coded("Transfer-Encoding: identity, chunked"),
    ]);
  },
);

parser(
  "RFC 9112 §6.1: both framings, or chunks in HTTP/1.0, are refused",
  () => {
    refused(400, [
      post(["Content-Length: 5", "Transfer-Encoding: chunked"], "0\r\n\r\n"),
      post(["Transfer-Encoding: chunked", "Content-Length: 5"], "0\r\n\r\n"),
      "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ]);
  },
);

parser(
  "RFC 9112 §9.3: a connection is kept from 1.1 on, before that if asked",
  () => {
    const keeps = (text: string) => readOne(text).keepsAlive;
    assert.is(keeps(get()), true);
    assert.is(keeps(get("Connection: close")), false);
    assert.is(keeps(get("Connection: keep-alive, Close")), false);
    assert.is(keeps(get("Connection: x", "Connection: close")), false);
    assert.is(keeps("GET / HTTP/1.0\r\n\r\n"), false);
    assert.is(keeps("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"), true);
    assert.is(keeps("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"), true);
    refused(400, [get("Connection: a b"), get("Connection: close;x")]);
  },
);

parser("RFC 9110 §10.1.1: 100-continue is the only expectation", () => {
  const asked = (...lines: string[]) =>
    readOne(post([...lines, "Content-Length: 1"], "x")).expectsContinue;
  assert.is(asked(), false);
  assert.is(asked("Expect: 100-Continue"), true);
  assert.is(
    readOne(get("Expect: 100-continue")).expectsContinue,
    false,
    "there is no body",
  );
  const old = readOne(
    "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
  );
  assert.is(old.expectsContinue, false, "HTTP/1.0 knows none");
  refused(417, [get("Expect: 200-ok"), get("Expect: 100-continue, x")]);
});

parser("RFC 9112 §9.3.2: pipelined requests are read in order", () => {
  const { requests } = read(
    post(["Content-Length: 3"], "one") +
      post(["Transfer-Encoding: chunked"], "3\r\ntwo\r\n0\r\n\r\n") +
      get("X: three"),
  );
  assert.equal(requests.map(({ body }) => body), ["one", "two", ""]);
});

parser("what is refused for its body is told with its line", () => {
  const line = { method: "POST", rawTarget: "/a?b", minor: 1 };
  for (
    const [fields, status] of [
      [["Content-Length: 5", "Transfer-Encoding: chunked"], 400],
      [["Content-Length: 6"], 413],
      [["Transfer-Encoding: gzip, chunked"], 501],
    ] as const
  ) {
    const one = new Parser(optionsWith({ requestBody: 5 }));
    const text = post(fields, "").replace("/ ", "/a?b ");
    assert.is(one.push(new TextEncoder().encode(text), 0), -1);
    assert.equal([one.verdict?.status, one.verdict?.line], [status, line]);
    assert.is(one.head, undefined);
  }
});

parser("field() joins what was sent in several, by its name alone", () => {
  const one = new Parser(optionsWith());
  const text = get("X-A: 1", "x-b: 2", "X-AB: 3", "X-a: 4", "A-X: 5");
  one.push(new TextEncoder().encode(text), 0);
  const names = ["x-a", "x-b", "x-ab", "a-x", "host", "x-c", "x"];
  assert.equal(
    names.map((name) => one.head?.field(name)),
    ["1, 4", "2", "3", "5", "a", undefined, undefined],
  );
  assert.equal(one.head?.rawFields().slice(2, 4), ["X-A", "1"]);
});

parser("a head has its target as it was sent, and a length of its body", () => {
  const headOf = (text: string, secure = false) => {
    const one = new Parser({ ...optionsWith(), secure });
    one.push(new TextEncoder().encode(text), 0);
    return one.head;
  };
  assert.is(headOf(line("GET /a/../b?c HTTP/1.1"))?.rawTarget, "/a/../b?c");
  assert.is(headOf(post(["Content-Length: 5"], ""))?.length, 5);
  assert.is(headOf(post(["Transfer-Encoding: chunked"], ""))?.length, 0);
  assert.is(headOf(get())?.length, 0);
  assert.is(headOf(get(), true)?.url, "https://a/");
});

parser("an Upgrade is one that the connection names", () => {
  const upgrades = (...lines: string[]) => {
    const one = new Parser(optionsWith());
    one.push(new TextEncoder().encode(get(...lines)), 0);
    return one.head?.upgrades;
  };
  assert.is(upgrades("Connection: keep-alive, Upgrade", "Upgrade: a"), true);
  assert.is(upgrades("Upgrade: a", "Connection: upgrade"), true);
  assert.is(upgrades("Upgrade: a"), false);
  assert.is(upgrades("Connection: upgrade"), false);
  assert.is(upgrades("Connection: keep-alive", "Upgrade: a"), false);
});

parser("a head that has not ended is no request yet", () => {
  for (const text of ["G", "GET / HT", get().slice(0, -1), "\r"]) {
    const { requests, status, underway } = read(text);
    assert.equal([requests.length, status, underway], [0, undefined, true]);
  }
});

parser.run();
