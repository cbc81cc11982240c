/** Clients that read slowly: the wire engine ends those that take nothing, and no others. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import * as assert from "../support/assert.ts";
import type { Target } from "../support/client/client.ts";
import { helperNode } from "../support/process/command.ts";
import { promises } from "../support/promise.ts";
import { sleep, within } from "../support/wait.ts";

process.env.TEST_HTTP = "wire";
const { runtime, serveEngine, sourcesOf } = await import(
  "../support/engine/engine.ts"
);

const reader = promises(`slow readers of the wire engine on ${runtime.name}`);

const WRITE_MS = 1000;
/** More than the kernel holds for a client. */
const BYTES = 16 * 1024 * 1024;
const needs = {
  target: true,
  requestHeaders: false,
  responseHeaders: false,
  bytes: true,
  peer: false,
};

/** A body in one piece, or in many small ones. */
const bodies = {
  "a large body": () => new Uint8Array(BYTES),
  "a stream of small parts": () => {
    let given = 0;
    return new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(new Uint8Array(1000));
        if ((given += 1000) >= BYTES) controller.close();
      },
    });
  },
} satisfies Record<string, () => BodyInit>;

/** What became of an exchange. */
interface End {
  readonly aborted: boolean;
  readonly bytes: number | undefined;
}

/** Serves a body, and tells how its exchange ended. */
async function serve(body: () => BodyInit, path?: string) {
  const ended = Promise.withResolvers<End>();
  const served = await serveEngine({
    fetch: () => new Response(body()),
    source: sourcesOf("fetch")[0]!,
    limits: { writeMs: WRITE_MS },
    observer: {
      needs,
      onEnd: ({ aborted, bytes }) => ended.resolve({ aborted, bytes }),
    },
    ...(path !== undefined && { address: { kind: "unix", path } }),
  });
  return { served, ended: ended.promise };
}

/** Asks in a process of its own, and reads as slowly as these say. */
function read(target: Target, ...args: readonly string[]) {
  const program = new URL("../support/client/slow-reader.ts", import.meta.url);
  const child = spawn(
    helperNode,
    [
      "--disable-warning=ExperimentalWarning",
      fileURLToPath(program),
      JSON.stringify(target),
      ...args,
    ],
    { stdio: "inherit" },
  );
  const gone = new Promise((resolve) => child.on("close", resolve));
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await gone;
    },
  };
}

for (const [name, body] of Object.entries(bodies)) {
  reader(`a byte now and then of ${name} is not enough`, async () => {
    const { served, ended } = await serve(body);
    await using _served = served;
    await using _client = read(served.target, "50");
    const { aborted, bytes } = await within("the cut", ended, 15_000);
    assert.is(aborted, true);
    assert.ok(bytes! < BYTES, `${bytes} bytes`);
  });
}

reader("a slow client that goes on reading is left alone", async () => {
  const folder = mkdtempSync(join(tmpdir(), "corn-slow-"));
  const path = join(folder, "slow.sock");
  const { served, ended } = await serve(bodies["a large body"], path);
  await using _served = served;
  let over = false;
  void ended.then(() => over = true);
  {
    // It takes longer than the limit for what corn writes at once.
    await using _client = read(
      served.target,
      String(WRITE_MS / 4),
      "part",
    );
    await sleep(4 * WRITE_MS);
    assert.is(over, false, "cut while it read");
  }
  assert.is((await within("the end", ended, 15_000)).aborted, true);
  rmSync(folder, { recursive: true });
});

reader.run();
