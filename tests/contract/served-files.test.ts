/** Files as this runtime finds and reads them for clients. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { readdirSync, realpathSync, truncateSync } from "node:fs";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "../support/assert.ts";
import { servingRuntime } from "../../adapters/mod.ts";
import { giveBack } from "../../src/base/lent-bytes.ts";
import { suite } from "../support/suite.ts";
import type { FoundFile } from "../../src/runtime/served-files.ts";
import { until } from "../support/wait.ts";

const runtime = await servingRuntime();
const served = suite(`served files of ${runtime.name}`);
const { find, read } = await runtime.loadServedFiles();

const BIG = 700_000;

/** A folder with files, beside one that is none of a client's business. */
function site(): Disposable & { readonly root: string } {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "corn-files-")));
  const root = join(folder, "web");
  mkdirSync(join(root, "sub"), { recursive: true });
  writeFileSync(join(root, "a.txt"), "0123456789");
  writeFileSync(join(root, "big.bin"), new Uint8Array(BIG).fill(7));
  writeFileSync(join(root, "..", "secret.txt"), "secret");
  writeFileSync(`${root}-more`, "a neighbour");
  symlinkSync("a.txt", join(root, "inner.txt"));
  symlinkSync("../secret.txt", join(root, "leak.txt"));
  symlinkSync("..", join(root, "up"));
  symlinkSync("nowhere", join(root, "broken"));
  return {
    root,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

function found(root: string, path: string): FoundFile {
  const file = find(root, path);
  if (typeof file !== "object") throw new Error(`no file ${path}`);
  return file;
}

async function bytesOf(body: ReturnType<typeof read>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(body).arrayBuffer());
}

function openFiles(root: string): number {
  return readdirSync("/proc/self/fd").filter((one) => {
    try {
      return realpathSync(`/proc/self/fd/${one}`).startsWith(root);
    } catch {
      return false;
    }
  }).length;
}

served("find() gives files and folders below the root alone", () => {
  using place = site();
  const { root } = place;
  assert.is(found(root, "a.txt").size, 10);
  assert.is(found(root, "inner.txt").path, join(root, "a.txt"));
  assert.is(find(root, "sub"), true);
  for (
    const path of [
      ...["nothing", "leak.txt", "up/secret.txt", "up", "broken"],
      ...[
        "../secret.txt",
        "../web-more",
        "a.txt/b",
        "a\0b",
        "sub/../../secret.txt",
      ],
    ]
  ) assert.is(find(root, path), undefined, path);
});

served("read() gives parts, at once or as a stream", async () => {
  using place = site();
  const { root } = place;
  const small = read(found(root, "a.txt"), 2, 5);
  assert.instance(small, Uint8Array);
  assert.is(new TextDecoder().decode(await bytesOf(small)), "234");
  const big = read(found(root, "big.bin"), 1, BIG);
  assert.instance(big, ReadableStream);
  const bytes = await bytesOf(big);
  assert.is(bytes.length, BIG - 1);
  assert.ok(bytes.every((one) => one === 7));
  assert.is(openFiles(root), 0);
});

served("read() never gives less than it promised", async () => {
  using place = site();
  const { root } = place;
  const [small, big] = [found(root, "a.txt"), found(root, "big.bin")];
  truncateSync(small.path, 4);
  truncateSync(big.path, 300_000);
  assert.is(read(small, 0, 10), undefined);
  const failed = await bytesOf(read(big, 0, BIG)).then(
    () => undefined,
    (error: Error) => error,
  );
  assert.match(String(failed), "Cannot send");
  await until("the file to be closed", () => openFiles(root) === 0);
});

served(
  "read() fills memory anew that was given back, and no other",
  async () => {
    using place = site();
    const { root } = place;
    const first = read(found(root, "big.bin"), 0, BIG) as ReadableStream;
    const reader = first.getReader();
    const one = (await reader.read()).value as Uint8Array;
    const two = (await reader.read()).value as Uint8Array;
    assert.is.not(one.buffer, two.buffer);
    giveBack(one);
    const three = (await reader.read()).value as Uint8Array;
    assert.is(three.buffer, one.buffer);
    assert.ok(two.every((byte) => byte === 7));
    await reader.cancel();
  },
);

served("a stream that is given up closes its file", async () => {
  using place = site();
  const { root } = place;
  const body = read(found(root, "big.bin"), 0, BIG) as ReadableStream;
  const reader = body.getReader();
  await reader.read();
  assert.is(openFiles(root), 1);
  await reader.cancel();
  await until("the file to be closed", () => openFiles(root) === 0);
  const unread = read(found(root, "big.bin"), 0, BIG) as ReadableStream;
  await unread.cancel();
  assert.is(openFiles(root), 0);
});

served.run();
