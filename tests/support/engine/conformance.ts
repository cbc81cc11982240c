/** What a server must refuse and must accept, by RFC 9110 and RFC 9112. */
import { connect } from "node:net";
import type { Target } from "../client/client.ts";
import { sleep } from "../wait.ts";

/**
 * `refuse`: the app is not called for it. `accept`: answered by 200.
 * `closes`: refused, or answered on a connection that ends thereafter.
 * `cleans`: refused, or the app sees the value without it.
 */
export type Rule = "refuse" | "accept" | "closes" | "cleans";

/** One requirement. */
export interface Requirement {
  readonly section: string;
  readonly what: string;
  readonly rule: Rule;
  /** Sent at once, a byte each character. */
  readonly bytes: string;
  /** What the app must have been asked for, one entry a request: method, URL, value of X, body. */
  readonly seen?: readonly string[];
}

const HOST = "Host: a\r\n";
const get = (...lines: string[]) =>
  `GET / HTTP/1.1\r\n${HOST}${lines.map((one) => `${one}\r\n`).join("")}\r\n`;
const line = (text: string) => `${text}\r\n${HOST}\r\n`;
const post = (fields: string, body: string, version = "1.1") =>
  `POST / HTTP/${version}\r\n${HOST}${fields}\r\n\r\n${body}`;
const chunked = (body: string) => post("Transfer-Encoding: chunked", body);
const REST = "5\r\nhello\r\n0\r\n\r\n";
const NEXT = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";
const ROOT = "GET http://a/  ";
const POSTED = "POST http://a/  hello";

type Row = readonly [
  section: string,
  what: string,
  bytes: string,
  seen?: readonly string[],
];

const REFUSED: readonly Row[] = [
  ["9112 §2.2", "a bare CR in a field", get("X: a\rb: c")],
  ["9112 §3.2", "HTTP/1.1 without Host", "GET / HTTP/1.1\r\n\r\n"],
  ["9112 §3.2", "two Host fields", get("Host: b")],
  ["9112 §3.2", "two equal Host fields", get("Host: a")],
  ...["a b", "a/b", "a@b", "a:x", "[::1", "a\\b"].map((host): Row => [
    "9112 §3.2",
    `Host: ${host}`,
    `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  ]),
  [
    "9112 §3.2.2",
    "no Host beside absolute-form",
    "GET http://a/ HTTP/1.1\r\n\r\n",
  ],
  ["9112 §5.1", "space before a colon", get("X : a")],
  ["9112 §5.1", "tab before a colon", get("X\t: a")],
  [
    "9112 §5.1",
    "Transfer-Encoding with a space before its colon",
    post("Transfer-Encoding : chunked", REST),
  ],
  [
    "9112 §6.3",
    "chunked that is not the last coding",
    post("Transfer-Encoding: chunked, gzip", REST),
  ],
  [
    "9112 §6.3",
    "Transfer-Encoding without chunked",
    post("Transfer-Encoding: gzip", REST),
  ],
  [
    "9112 §6.3",
    "Transfer-Encoding: identity",
    post("Transfer-Encoding: identity", REST),
  ],
  ...[
    "+5",
    "-5",
    "5 5",
    "5a",
    "0x5",
    "5.0",
    "5;",
    "5,6",
    "5, 6",
    "five",
    "99999999999999999999999",
  ].map((
    length,
  ): Row => [
    "9112 §6.3",
    `Content-Length: ${length}`,
    post(`Content-Length: ${length}`, "hello"),
  ]),
  [
    "9112 §6.3",
    "two different Content-Length",
    post("Content-Length: 5\r\nContent-Length: 6", "hello!"),
  ],
  [
    "9112 §6.3",
    "different lengths in one of two fields",
    post("Content-Length: 5, 6\r\nContent-Length: 5", "hello!"),
  ],
  [
    "9112 §7.1",
    "a chunk size that overflows",
    chunked("10000000000000005\r\nhello\r\n0\r\n\r\n"),
  ],
  [
    "9112 §7.1",
    "a chunk size that is no number",
    chunked("g\r\nhello\r\n0\r\n\r\n"),
  ],
  ["9112 §7.1", "a negative chunk size", chunked("-5\r\nhello\r\n0\r\n\r\n")],
  ["9112 §7.1", "a chunk size with 0x", chunked("0x5\r\nhello\r\n0\r\n\r\n")],
  ["9112 §7.1", "no chunk size", chunked("\r\nhello\r\n0\r\n\r\n")],
  [
    "9112 §7.1",
    "a chunk that is longer than its size",
    chunked("4\r\nhello\r\n0\r\n\r\n"),
  ],
  ["9110 §2.5", "another major version", line("GET / HTTP/2.0")],
  ["9112 §2.3", "a version in lower case", line("GET / http/1.1")],
  ["9112 §2.3", "a version of three digits", line("GET / HTTP/1.10")],
  ["9112 §3", "a method that is no token", line("G(T / HTTP/1.1")],
  ["9112 §3", "a request line of two words", line("GET /")],
  ["9112 §3", "a request line of four words", line("GET / / HTTP/1.1")],
  ["9110 §5.1", "a field name that is no token", get("X(Y: a")],
  ["9110 §5.1", "an empty field name", get(": a")],
  ["9112 §5", "a field line without a colon", get("X")],
];

const ACCEPTED: readonly Row[] = [
  ["9112 §2.2", "an empty line before the request", `\r\n${get()}`, [ROOT]],
  ["9112 §3.2.1", "origin-form with a query", line("GET /a?b=/c?d HTTP/1.1"), [
    "GET http://a/a?b=/c?d  ",
  ]],
  [
    "9112 §3.2.2",
    "absolute-form, which goes before Host",
    line("GET http://b:81/c?d HTTP/1.1"),
    ["GET http://b:81/c?d  "],
  ],
  ["9112 §3.2.4", "asterisk-form", line("OPTIONS * HTTP/1.1"), undefined],
  ["9112 §5", "white space around a value", get("X: \t a \t "), [
    "GET http://a/ a ",
  ]],
  ["9112 §5", "no white space before a value", get("X:a"), [
    "GET http://a/ a ",
  ]],
  ["9110 §5.5", "an empty value", get("X:"), [ROOT]],
  ["9110 §5.5", "obs-text in a value", get("X: \xfc"), ["GET http://a/ \xfc "]],
  [
    "9110 §5.1",
    "field names in any case",
    "GET / HTTP/1.1\r\nhOST: a\r\nx: b\r\n\r\n",
    ["GET http://a/ b "],
  ],
  ["9110 §5.1", "every character of a token", get("!#$%&'*+-.^_`|~0aZ: b"), [
    ROOT,
  ]],
  ["9110 §5.3", "a field in several lines", get("X: a", "X: b"), [
    "GET http://a/ a, b ",
  ]],
  ["9110 §7.2", "Host with a port", "GET / HTTP/1.1\r\nHost: a:81\r\n\r\n", [
    "GET http://a:81/  ",
  ]],
  [
    "9110 §7.2",
    "Host that is an IPv6 address",
    "GET / HTTP/1.1\r\nHost: [::1]:81\r\n\r\n",
    ["GET http://[::1]:81/  "],
  ],
  [
    "9112 §6.2",
    "a body with Content-Length",
    post("Content-Length: 5", "hello"),
    [POSTED],
  ],
  ["9110 §8.6", "Content-Length: 0", post("Content-Length: 0", ""), [
    "POST http://a/  ",
  ]],
  [
    "9110 §8.6",
    "Content-Length with zeroes in front",
    post("Content-Length: 005", "hello"),
    [POSTED],
  ],
  [
    "9110 §9.3.1",
    "a body of GET is read as one",
    `GET / HTTP/1.1\r\n${HOST}Content-Length: 5\r\n\r\nhello${NEXT}`,
    undefined,
  ],
  ["9112 §7.1", "chunks", chunked(REST), [POSTED]],
  [
    "9112 §7.1",
    "chunk sizes with zeroes in front, in any case",
    chunked("00A\r\nhellohello\r\n000\r\n\r\n"),
    ["POST http://a/  hellohello"],
  ],
  [
    "9112 §7.1.1",
    "a chunk extension",
    chunked("5;a=b;c\r\nhello\r\n0;d\r\n\r\n"),
    [POSTED],
  ],
  [
    "9112 §7.1.1",
    "a chunk extension in quotes",
    chunked('5;a="b;c"\r\nhello\r\n0\r\n\r\n'),
    [POSTED],
  ],
  [
    "9112 §7.1.2",
    "trailers",
    chunked("5\r\nhello\r\n0\r\nX-T: y\r\n\r\n") + NEXT,
    [POSTED, "GET http://a/next  "],
  ],
  [
    "9112 §7",
    "coding names in any case",
    post("Transfer-Encoding: CHUNKED", REST),
    [POSTED],
  ],
  ["9112 §9.3", "a second request on the connection", get() + NEXT, [
    ROOT,
    "GET http://a/next  ",
  ]],
  [
    "9112 §9.3.2",
    "requests behind a body",
    post("Content-Length: 5", "hello") + NEXT,
    [POSTED, "GET http://a/next  "],
  ],
  [
    "9112 §9.6",
    "nothing after Connection: close",
    get("Connection: close") + NEXT,
    [ROOT],
  ],
  [
    "9112 §9.6",
    "close in a list, in any case",
    get("Connection: a, CLOSE") + NEXT,
    [ROOT],
  ],
  ["9112 §9.3", "HTTP/1.0 closes", `GET / HTTP/1.0\r\n${HOST}\r\n${NEXT}`, [
    ROOT,
  ]],
  ["9112 §3.2", "HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", undefined],
  [
    "9110 §7.8",
    "an upgrade that nobody knows",
    get("Connection: Upgrade", "Upgrade: x/1"),
    [ROOT],
  ],
  [
    "9110 §10.1.1",
    "Expect: 100-continue with its body",
    post("Content-Length: 5\r\nExpect: 100-continue", "hello"),
    [POSTED],
  ],
  ["9110 §9.1", "a method that the app may know", line("PURGE / HTTP/1.1"), [
    "PURGE http://a/  ",
  ]],
  ["9110 §4.2.1", "percent-encoding as it is", line("GET /%2F%61 HTTP/1.1"), [
    "GET http://a/%2F%61  ",
  ]],
];

const CLOSING: readonly Row[] = [
  [
    "9112 §6.1",
    "Transfer-Encoding beside Content-Length",
    post("Content-Length: 5\r\nTransfer-Encoding: chunked", REST) + NEXT,
  ],
  [
    "9112 §6.1",
    "Transfer-Encoding in HTTP/1.0",
    post("Connection: keep-alive\r\nTransfer-Encoding: chunked", REST, "1.0") +
    NEXT,
  ],
];

const CLEANED: readonly Row[] = [
  ["9110 §5.5", "NUL in a value", get("X: a\0b")],
  ["9110 §5.5", "a bare CR in a value", get("X: a\rb")],
  ["9110 §5.5", "a bare CR at a value's end", get("X: a\r")],
  ["9112 §5.2", "a folded line", get("X: a\r\n b")],
];

function of(rule: Rule, rows: readonly Row[]): Requirement[] {
  return rows.map(([section, what, bytes, seen]) => ({
    section,
    what,
    rule,
    bytes,
    ...(seen && { seen }),
  }));
}

/** Every requirement. */
export const requirements: readonly Requirement[] = [
  ...of("refuse", REFUSED),
  ...of("accept", ACCEPTED),
  ...of("closes", CLOSING),
  ...of("cleans", CLEANED),
];

/** What the app was asked for since the last look. */
export class Witness {
  #seen: string[] = [];

  /** Notes a request; the answer to give. */
  async note(request: Request): Promise<Response> {
    const { method, url, headers } = request;
    const x = headers.get("x") ?? "";
    const index = this.#seen.push(`${method} ${url} ${x} `) - 1;
    try {
      this.#seen[index] += await request.text();
    } catch {
      this.#seen.splice(index, 1);
    }
    return new Response("ok");
  }

  take(): string[] {
    return this.#seen.splice(0);
  }
}

/** How long an answer may take, and what follows it. */
const ANSWER_MS = 1500;
const QUIET_MS = 100;

/** What comes on a connection until it ends or is quiet. */
async function exchange(
  target: Target,
  bytes: string,
): Promise<{ text: string; open: boolean }> {
  const socket = connect(target);
  let text = "";
  let open = true;
  let last = performance.now() + ANSWER_MS;
  socket.setEncoding("latin1").on("data", (part) => {
    text += part;
    last = performance.now();
  });
  socket.on("close", () => open = false).on("error", () => {});
  socket.write(bytes, "latin1");
  while (open && performance.now() - last < QUIET_MS) await sleep(5);
  const outcome = { text, open };
  socket.destroy();
  return outcome;
}

/** Sends a requirement's bytes and gives what is wrong with what came of it. */
export async function prove(
  target: Target,
  { rule, bytes, seen }: Requirement,
  witness: Witness,
): Promise<string | undefined> {
  witness.take();
  const { text, open } = await exchange(target, bytes);
  const statuses = [...text.matchAll(/HTTP\/1\.\d (\d{3})/g)].map((
    [, status],
  ) => Number(status)).filter((status) => status !== 100);
  await sleep(5);
  const asked = witness.take();
  const found = `${statuses.join(" ") || "no answer"}, the app saw ${
    JSON.stringify(asked)
  }`;
  const refused = asked.length === 0 && !statuses.some((one) => one < 400);
  if (refused && rule !== "accept") {
    return statuses.length === 0 && open
      ? "no answer, and left open"
      : undefined;
  }
  if (rule === "refuse") return found;
  if (rule === "closes") {
    return asked.length === 1 && !open ? undefined : found;
  }
  if (rule === "cleans") {
    return /[\0\r\n]/.test(asked.join("")) ? found : undefined;
  }
  const right = statuses.length > 0 && statuses.every((one) => one === 200);
  return right && (seen === undefined || seen.join() === asked.join())
    ? undefined
    : found;
}
