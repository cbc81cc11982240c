import { STATUS_CODES } from "node:http";
import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import {
  beginHead,
  interimHead,
} from "../../../src/http/output/response-head.ts";

const head = suite("beginHead()");

/** The lines of a head, and what the app's fields said. */
function begin(
  list: readonly string[],
  { status = 200, statusText = "" } = {},
) {
  const intent = { closes: false, length: undefined };
  const parts = { status, statusText, list, body: null };
  const text = beginHead(parts, { date: "date: now\r\n", intent });
  return { lines: text.split("\r\n").slice(0, -1), ...intent };
}

head("is a status line, the app's fields and the date", () => {
  assert.equal(
    begin(["x-a", "b", "set-cookie", "c", "set-cookie", "d"]).lines,
    [
      "HTTP/1.1 200 OK",
      "x-a: b",
      "set-cookie: c",
      "set-cookie: d",
      "date: now",
    ],
  );
  assert.equal(begin(["date", "then"]).lines, [
    "HTTP/1.1 200 OK",
    "date: then",
  ]);
});

head("RFC 9112 §4: the reason is the app's, a known one, or none", () => {
  for (
    const [status, statusText, line] of [
      [404, "", "HTTP/1.1 404 Not Found"],
      [404, "", "HTTP/1.1 404 Not Found"],
      [404, "Gone Fishing", "HTTP/1.1 404 Gone Fishing"],
      [299, "", "HTTP/1.1 299 "],
      [200, "a\r\nb: c", "HTTP/1.1 200 OK"],
      [200, undefined as unknown as string, "HTTP/1.1 200 OK"],
    ] as const
  ) {
    assert.is(begin([], { status, statusText }).lines[0], line);
  }
});

/** What RFC 9110 calls otherwise than `node:http`, and what is obsolete or not for apps to send. */
const OTHERS: Readonly<Record<string, string>> = {
  413: "Content Too Large",
  422: "Unprocessable Content",
  ...{ 100: "", 101: "", 102: "", 305: "", 509: "", 510: "" },
};

head("RFC 9110 §15: the reasons are those that all servers give", () => {
  for (const [status, reason] of Object.entries(STATUS_CODES)) {
    const [line] = begin([], { status: Number(status) }).lines;
    assert.is(line, `HTTP/1.1 ${status} ${OTHERS[status] ?? reason}`);
  }
});

head("RFC 9110 §7.6.1: what is the server's to say is not sent", () => {
  const list = [
    ...["keep-alive", "x", "proxy-connection", "x", "te", "x"],
    ...["trailer", "x", "transfer-encoding", "chunked", "upgrade", "h2c"],
    ...["connection", "x-a", "content-length", "5", "x-a", "b"],
  ];
  const { lines, closes, length } = begin(list);
  assert.equal(lines, ["HTTP/1.1 200 OK", "x-a: b", "date: now"]);
  assert.equal([closes, length], [false, 5]);
  assert.is(begin(["connection", "X-A, Close"]).closes, true);
});

head("RFC 9110 §15.5.22: a 426 says to what", () => {
  const { lines } = begin(["upgrade", "h2c"], { status: 426 });
  assert.equal(lines, [
    "HTTP/1.1 426 Upgrade Required",
    "connection: upgrade",
    "upgrade: h2c",
    "date: now",
  ]);
});

head("a length is digits, as many as can be counted", () => {
  for (
    const [value, length] of [
      ["0", 0],
      ["90", 90],
      ["007", 7],
      [String(Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER],
      ["9007199254740993", undefined],
      ["", undefined],
      ["-1", undefined],
      ["1a", undefined],
      ["1/", undefined],
      ["1:", undefined],
    ] as const
  ) {
    assert.is(begin(["content-length", value]).length, length, value);
  }
});

head("interimHead() has the fields that are about no body", () => {
  const list = [
    ...["link", "</a>", "content-length", "5", "connection", "close"],
    ...["x-a", "b", "transfer-encoding", "chunked", "trailer", "x"],
  ];
  assert.is(
    interimHead(103, list),
    "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\nx-a: b\r\n\r\n",
  );
});

head.run();
