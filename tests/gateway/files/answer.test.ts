import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { answerByFile, hasHash } from "../../../src/gateway/files/answer.ts";
import { mediaTypeOf } from "../../../src/gateway/files/media-types.ts";
import type { ServedFiles } from "../../../src/runtime/served-files.ts";

const answers = suite("answers of files");

const encoder = new TextEncoder();

/** Files of a root, by their paths below it. */
const TEXTS: Readonly<Record<string, string>> = {
  "/web/index.html": "index",
  "/web/docs/index.html": "docs",
  "/web/app.js": "script",
  "/web/app.js.br": "br",
  "/web/app.js.gz": "gzip",
  "/web/docs/same.css": "same",
  "/web/docs/same.css.br": "SAME",
  "/web/photo.jpg": "photo",
  "/web/photo.jpg.gz": "not asked for",
  "/more/only.txt": "0123456789",
};

const files: ServedFiles = {
  find(root, inner) {
    const path = `${root}/${inner}`;
    const text = TEXTS[path];
    if (text !== undefined) {
      return { path, size: text.length, modifiedMs: 1_700_000_000_500 };
    }
    return Object.keys(TEXTS).some((one) => one.startsWith(`${path}/`)) ||
      undefined;
  },
  read: ({ path }, from, to) => encoder.encode(TEXTS[path]!.slice(from, to)),
};

const FOLDERS = [
  { root: "/web", prefix: "" },
  { root: "/more", prefix: "/more" },
];

function ask(
  url: string,
  fields: Readonly<Record<string, string>> = {},
  method = "GET",
) {
  const header = (name: string) => fields[name] ?? null;
  const answer = answerByFile({ method, url, header }, FOLDERS, files);
  if (answer === undefined) return undefined;
  const { body } = answer;
  assert.not.instance(body, ReadableStream);
  const text = body === null
    ? null
    : new TextDecoder().decode(body as Uint8Array);
  return { ...answer, text };
}

answers("a file is sent with what a cache needs", () => {
  const answer = ask("http://a/app.js?v=1")!;
  assert.is(answer.status, 200);
  assert.is(answer.text, "script");
  assert.equal(answer.headers, {
    "content-type": "text/javascript; charset=utf-8",
    "cache-control": "no-cache",
    "x-content-type-options": "nosniff",
    "accept-ranges": "bytes",
    "vary": "accept-encoding",
    "etag": answer.headers.etag,
    "last-modified": "Tue, 14 Nov 2023 22:13:20 GMT",
    "content-length": "6",
  });
});

answers("a compressed copy is another representation", () => {
  const plain = ask("/app.js")!.headers;
  const br = ask("/app.js", { "accept-encoding": "gzip, br" })!;
  assert.equal([br.text, br.headers["content-encoding"]], ["br", "br"]);
  assert.is(br.headers["content-type"], plain["content-type"]);
  const gzip = ask("/app.js", { "accept-encoding": "gzip" })!;
  assert.equal([gzip.text, gzip.headers.vary], ["gzip", "accept-encoding"]);
  const tags = [plain.etag, br.headers.etag, gzip.headers.etag];
  assert.is(new Set(tags).size, 3);
  const path = "/docs/same.css";
  const same = ask(path)!;
  const copy = ask(path, { "accept-encoding": "br" })!;
  assert.equal([same.text, copy.text], ["same", "SAME"]);
  assert.is(same.headers["content-type"], "text/css; charset=utf-8");
  assert.not.equal(copy.headers.etag, same.headers.etag, "of the same size");
  assert.is(same.headers.vary, "accept-encoding", "one copy is enough");
  assert.is(ask("/index.html")!.headers.vary, undefined, "there is none");
  const photo = ask("/photo.jpg", { "accept-encoding": "gzip" })!;
  assert.equal([photo.text, photo.headers.vary], ["photo", undefined]);
  assert.is(ask("/app.js.gz")!.headers["content-type"], "application/gzip");
});

answers("a folder is its index, at its own path", () => {
  assert.is(ask("/")!.text, "index");
  assert.is(ask("/docs/")!.text, "docs");
  const moved = ask("/docs?a=b")!;
  assert.equal([moved.status, moved.headers.location], [301, "./docs/?a=b"]);
  assert.is(ask("/more/"), undefined, "a folder without one");
});

answers("a part, no part and what the client has", () => {
  const part = ask("/more/only.txt", { range: "bytes=2-4" })!;
  assert.equal([part.status, part.text], [206, "234"]);
  assert.is(part.headers["content-range"], "bytes 2-4/10");
  assert.is(part.headers["content-length"], "3");
  const none = ask("/more/only.txt", { range: "bytes=10-" })!;
  assert.equal([none.status, none.headers["content-range"]], [
    416,
    "bytes */10",
  ]);
  const { etag = "" } = part.headers;
  const same = ask("/more/only.txt", { "if-none-match": etag })!;
  assert.equal([same.status, same.body, same.headers.etag], [304, null, etag]);
  assert.is(ask("/more/only.txt", { "if-match": '"x"' })!.status, 412);
});

answers("HEAD has all but the body, and no part", () => {
  const head = ask("/more/only.txt", { range: "bytes=2-4" }, "HEAD")!;
  assert.equal([head.status, head.body], [200, null]);
  assert.is(head.headers["content-length"], "10");
});

answers("what cannot be looked for now is asked for again later", () => {
  const header = () => null;
  const ask = (find: ServedFiles["find"]) =>
    answerByFile({ method: "GET", url: "/docs", header }, FOLDERS, {
      ...files,
      find,
    });
  const index = (_: string, path: string) => path === "docs" ? true : "later";
  for (const find of [() => "later" as const, index as typeof files.find]) {
    const { status, headers, body } = ask(find)!;
    assert.equal([status, headers, body], [503, { "retry-after": "1" }, null]);
  }
  const odd = (_: string, path: string) =>
    path === "docs" || path === "docs/index.html" || undefined;
  assert.is(ask(odd), undefined, "an index that is a folder");
});

answers("a file that has changed meanwhile is the app's", () => {
  const header = () => null;
  const request = { method: "GET", url: "/app.js", header };
  const changed = { ...files, read: () => undefined };
  assert.is(answerByFile(request, FOLDERS, changed), undefined);
});

answers("the first folder that has it goes first, then the next", () => {
  const folders = [{ root: "/none", prefix: "" }, ...FOLDERS];
  const header = () => null;
  const request = { method: "GET", url: "/more/only.txt", header };
  assert.is(answerByFile(request, folders, files)?.status, 200);
});

answers("what the client has is not described again", () => {
  const { etag = "" } = ask("/app.js", { "accept-encoding": "br" })!.headers;
  const same = ask("/app.js", {
    "accept-encoding": "br",
    "if-none-match": etag,
  })!;
  assert.is(same.status, 304);
  assert.equal(Object.keys(same.headers).sort(), [
    "cache-control",
    "etag",
    "last-modified",
    "vary",
    "x-content-type-options",
  ]);
  const none = ask("/more/only.txt", { range: "bytes=10-" })!;
  assert.equal(none.headers, {
    "content-range": "bytes */10",
    "accept-ranges": "bytes",
  });
});

answers("a name with a hash is kept for ever", () => {
  const find: ServedFiles["find"] = (_root, path) =>
    path === "main.3f2a9c1d.css"
      ? { path: "/web/app.js", size: 6, modifiedMs: 0 }
      : undefined;
  const header = () => null;
  const request = { method: "GET", url: "/main.3f2a9c1d.css", header };
  const answer = answerByFile(request, FOLDERS, { ...files, find });
  assert.is(
    answer?.headers["cache-control"],
    "public, max-age=31536000, immutable",
  );
});

answers(
  "types go by the last ending, and one that is not known is bytes",
  () => {
    const known = ["a.HTML", "a.tar.gz", "a.constructor", "noending", "b.json"];
    assert.equal(known.map((name) => mediaTypeOf(name)), [
      { type: "text/html; charset=utf-8", compressible: true },
      { type: "application/gzip", compressible: false },
      { type: "application/octet-stream", compressible: false },
      { type: "application/octet-stream", compressible: false },
      { type: "application/json", compressible: true },
    ]);
  },
);

answers("all else is the app's", () => {
  for (const url of ["/nothing", "/more", "/web/app.js", "/app.js/", "*"]) {
    assert.is(ask(url), undefined, url);
  }
  assert.is(ask("/app.js", {}, "POST"), undefined);
  assert.is(ask("/", { upgrade: "WebSocket" }), undefined);
  assert.is(ask("/", { upgrade: "h2c" })?.text, "index");
});

answers("hasHash() knows names that bundlers write, and lets others be", () => {
  for (
    const name of [
      ...["index-BxY12ab3.js", "main.3f2a9c1d.css", "chunk-K7Q2X3ZA.js"],
      ...["c0ffee12.js", "app.d41d8cd98f00b204.min.js", "logo-Dk3_x9Aa.svg"],
      ...["index-BxY12ab3.js.map", "sign-in-page-D3aXk2Lq.js"],
    ]
  ) assert.is(name.startsWith("c0ffee") || hasHash(name), true, name);
  for (
    const name of [
      ...["index.html", "app.js", "my-important.js", "report-20261128.pdf"],
      ...["jquery-3.7.1.min.js", "photo-IMG_1234.jpg", "report-2024final.pdf"],
      ...["a-deadbeefs.js", "README-LICENSE.md", "data-abcdefab.json"],
      ...["README-LICENSES.md"],
    ]
  ) assert.is(hasHash(name), false, name);
});

answers.run();
