import { EventEmitter } from "node:events";
import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import type {
  App,
  AppContext,
  FetchApp,
  NodeApp,
} from "../../../src/gateway/app/app.ts";
import { withFiles } from "../../../src/gateway/files/with-files.ts";
import type { ServedFiles } from "../../../src/runtime/served-files.ts";
import { settle } from "../../support/fake/runtime.ts";

const served = suite("withFiles()");

const FOLDERS = [{ root: "/web", prefix: "" }];

/** One file, which is read as this. */
function filesOf(read: () => ReturnType<ServedFiles["read"]>): ServedFiles {
  return {
    find: (_root, path) =>
      path === "a.txt" ? { path, size: 4, modifiedMs: 0 } : undefined,
    read,
  };
}

const whole = () => new TextEncoder().encode("text");

/** A response of node:http, as far as a file needs it. */
class Outgoing extends EventEmitter {
  destroyed = false;
  /** True where each write fills it. */
  full = false;
  readonly told: string[] = [];

  writeHead(status: number, headers: Record<string, string>): void {
    this.told.push(`${status} ${headers["content-length"]}`);
  }
  write(bytes: Uint8Array): boolean {
    this.told.push(new TextDecoder().decode(bytes));
    return !this.full;
  }
  end(bytes?: Uint8Array): void {
    if (bytes !== undefined) this.write(bytes);
    this.told.push("end");
  }
  destroy(): void {
    this.destroyed = true;
    this.told.push("destroy");
  }
}

/** Asks a listener behind the files. */
function listen(
  files: ServedFiles,
  { url = "/a.txt", method = "GET", outgoing = new Outgoing() } = {},
) {
  const app = withFiles({ style: "node", call: () => "app" } as App, {
    folders: FOLDERS,
    files,
  });
  const incoming = { method, url, headers: { range: undefined } };
  const answer = (app.call as NodeApp)(incoming, outgoing);
  return { outgoing, answer };
}

served("a fetch app is asked for what is no file", async () => {
  const app = withFiles({ style: "fetch", call: () => "app" } as App, {
    folders: FOLDERS,
    files: filesOf(whole),
  });
  const ask = (path: string, headers: HeadersInit = {}) =>
    (app.call as FetchApp)(
      new Request(`http://localhost${path}`, { headers }),
      undefined,
      {} as AppContext,
    );
  assert.is(ask("/other"), "app");
  const sent = ask("/a.txt") as Response;
  assert.equal([sent.status, await sent.text()], [200, "text"]);
  const part = ask("/a.txt", { range: "bytes=1-2" }) as Response;
  assert.is(part.status, 206);
});

served("a listener is asked for what is no file", async () => {
  const files = filesOf(whole);
  const { outgoing, answer } = listen(files, { url: "/other" });
  assert.is(answer, "app");
  assert.equal(outgoing.told, []);
  const file = listen(files);
  await file.answer;
  assert.equal(file.outgoing.told, ["200 4", "text", "end"]);
  const head = listen(files, { method: "HEAD" });
  await head.answer;
  assert.equal(head.outgoing.told, ["200 4", "end"]);
});

/** A file that is read as a stream of parts. */
function streamed(parts: readonly string[]) {
  let cancelled = false;
  const left = [...parts];
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      const part = left.shift();
      if (part === undefined) return controller.close();
      controller.enqueue(new TextEncoder().encode(part));
    },
    cancel: () => void (cancelled = true),
  }, { highWaterMark: 0 });
  return { files: filesOf(() => stream), left, cancelled: () => cancelled };
}

served("a stream is written to a listener no faster than it goes", async () => {
  const { files, left } = streamed(["a", "b", "c"]);
  const outgoing = new Outgoing();
  outgoing.full = true;
  const { answer } = listen(files, { outgoing });
  await settle();
  assert.equal(outgoing.told, ["200 4", "a"]);
  assert.equal(left, ["b", "c"]);
  outgoing.full = false;
  outgoing.emit("drain");
  await answer;
  assert.equal(outgoing.told, ["200 4", "a", "b", "c", "end"]);
  const listeners = ["drain", "close"].map((one) =>
    outgoing.listenerCount(one)
  );
  assert.equal(listeners, [0, 0]);
});

served("a stream is read no further once its client is gone", async () => {
  for (const when of ["waiting", "before"]) {
    const { files, left, cancelled } = streamed(["a", "b"]);
    const outgoing = new Outgoing();
    outgoing.full = true;
    if (when === "before") outgoing.destroyed = true;
    const { answer } = listen(files, { outgoing });
    await settle();
    if (when === "waiting") {
      outgoing.destroyed = true;
      outgoing.emit("close");
    }
    await answer;
    assert.ok(cancelled(), when);
    assert.is(outgoing.listenerCount("drain"), 0);
    assert.equal(left, when === "before" ? ["b"] : []);
    assert.not.ok(outgoing.told.includes("end"));
  }
});

served("a stream that fails cuts what was promised", async () => {
  const failure = new Error("changed");
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => controller.error(failure),
  });
  const { outgoing, answer } = listen(filesOf(() => stream));
  const thrown = await (answer as Promise<void>).catch((error) => error);
  assert.is(thrown, failure);
  assert.equal(outgoing.told, ["200 4", "destroy"]);
});

served.run();
