import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as assert from "../support/assert.ts";
import { curl, get } from "../support/client/curl.ts";
import { promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import type { Server } from "../support/process/server.ts";

const files = promises("--static");

const BIG = 3_000_000;

const APPS: Readonly<Record<string, string>> = {
  fetch: `export default {
    fetch: ({ url }) => new Response("app " + new URL(url).pathname, { status: 404 }),
  };`,
  listener: `export default (req, res) => {
    res.statusCode = 404;
    res.end("app " + req.url);
  };`,
};

/** Writes a folder of files, and the app beside it. */
function prepare({ folder, write }: Lab, app: string): Buffer {
  write("app.mjs", APPS[app]!);
  write("web/index.html", "<p>index</p>");
  write("web/docs/index.html", "<p>docs</p>");
  write("web/main-3f2a9c1d.css", "p {}\n".repeat(100));
  write("web/.env", "SECRET=1");
  write("secret.txt", "secret");
  write("more/a b.txt", "0123456789");
  write("web/main-3f2a9c1d.css.gz", "");
  write("web/big.bin", "");
  const big = Buffer.alloc(BIG, "0123456789abcdef-");
  writeFileSync(join(folder, "web/big.bin"), big);
  writeFileSync(
    join(folder, "web/main-3f2a9c1d.css.gz"),
    gzipSync("p {}\n".repeat(100)),
  );
  return big;
}

function hash(bytes: Uint8Array): string {
  return createHash("sha1").update(bytes).digest("hex");
}

/** What comes whole, by fetch, which curl's text would not tell. */
async function bytesOf(
  url: string,
  headers: Record<string, string> = {},
): Promise<Buffer> {
  return Buffer.from(await (await fetch(url, { headers })).arrayBuffer());
}

async function check({ url }: Server, big: Buffer): Promise<void> {
  const index = await curl(`${url}/`);
  assert.equal([index.status, index.body], [200, "<p>index</p>"]);
  assert.match(index.head, /content-type: text\/html; charset=utf-8/i);
  const etag = /etag: (\S+)/i.exec(index.head)?.[1] ?? "";
  const same = await curl(`${url}/`, "-H", `If-None-Match: ${etag}`);
  assert.equal([same.status, same.body], [304, ""]);
  const moved = await curl(`${url}/docs`);
  assert.is(moved.status, 301);
  assert.match(moved.head, /location: \.\/docs\//i);
  assert.is(await get(`${url}/docs/`), "<p>docs</p>");

  const css = await curl(
    `${url}/main-3f2a9c1d.css`,
    ...["-H", "Accept-Encoding: gzip", "--output", "-", "--compressed"],
  );
  assert.is(css.body, "p {}\n".repeat(100));
  assert.match(css.head, /content-encoding: gzip/i);
  assert.match(css.head, /vary: accept-encoding/i);
  assert.match(css.head, /cache-control: .*immutable/i);

  assert.is(hash(await bytesOf(`${url}/big.bin`)), hash(big));
  const part = await bytesOf(`${url}/big.bin`, { range: "bytes=7-2000006" });
  assert.is(hash(part), hash(big.subarray(7, 2_000_007)));
  const few = await curl(`${url}/more/a%20b.txt`, "-H", "Range: bytes=-3");
  assert.equal([few.status, few.body], [206, "789"]);
  assert.match(few.head, /content-range: bytes 7-9\/10/i);
  const none = await curl(`${url}/more/a%20b.txt`, "-H", "Range: bytes=10-");
  assert.is(none.status, 416);
  assert.match(none.head, /content-range: bytes \*\/10/i);
  const head = await curl(`${url}/big.bin`, "-I");
  assert.is(head.status, 200);
  assert.match(head.head, new RegExp(`content-length: ${BIG}`, "i"));

  for (
    const path of [
      ...[
        "/nothing",
        "/.env",
        "/%2eenv",
        "/..%2fsecret.txt",
        "/%2e%2e%2fsecret.txt",
      ],
      ...["/../secret.txt", "/%2e%2e/secret.txt", "/docs/..%5c..%5csecret.txt"],
      ...["/index.html%00.txt", "//secret.txt", "/more"],
    ]
  ) {
    const answer = await curl(`${url}${path}`, "--path-as-is");
    assert.is(answer.status, 404, path);
    assert.match(answer.body, /^app \//, path);
  }
  const posted = await curl(`${url}/index.html`, "-d", "a=b");
  assert.is(posted.body, "app /index.html");
}

for (
  const [app, engines] of [["fetch", ["native", "wire"]], ["listener", [
    "native",
  ]]] as const
) {
  for (const engine of engines) {
    files(`serves files before a ${app} app on ${engine}`, async (lab) => {
      const big = prepare(lab, app);
      const server = await lab.start({
        app: "app.mjs",
        args: [
          ...["-w", "1", "--http", engine],
          ...["--static", "web", "--static", "more=/more"],
        ],
        cwd: lab.folder,
      });
      await check(server, big);
      assert.is((await server.stop()).code, 0);
    });
  }
}

files("a folder that is none is refused", async ({ folder, run, write }) => {
  write("app.mjs", APPS.fetch!);
  const refused = run({
    app: "app.mjs",
    args: ["--check-config", "--static", "web=/a"],
    cwd: folder,
  });
  assert.is((await refused.ended).code, 1);
  assert.match(
    refused.log(),
    /Cannot use static "web" from --static: no such folder in \//,
  );
});

files.run();
