import type { IncomingMessage, ServerResponse } from "node:http";
import * as assert from "../support/assert.ts";
import type { Source } from "../../src/runtime/runtime.ts";
import { RawClient } from "../support/client/client.ts";
import {
  http,
  runtime,
  serveEngine,
  sourcesOf,
  styles,
  usesNodeNet,
} from "../support/engine/engine.ts";
import type { ServedEngine } from "../support/engine/engine.ts";
import { type Lab, promises } from "../support/promise.ts";
import { sleep, until, within } from "../support/wait.ts";

const drain = promises(`Engine.drain of ${http} on ${runtime.name}`);

const KEEP_ALIVE_MS = 1000;
/** Far more than a drain takes, and far less than it could be held by a client that has its other limits alone. */
const SOON_MS = 10_000;
const LARGE = 20 * 1024 * 1024;
const large = new Uint8Array(LARGE).fill(99);

/** An engine under test, and the app's gate: `/slow` is answered once it opens. */
interface Subject extends ServedEngine {
  readonly source: Source["kind"];
  readonly open: () => void;
  /** True while a request waits at the gate. */
  readonly waiting: () => boolean;
  connect(): Promise<RawClient>;
}

type Body = (subject: Subject) => Promise<void>;

async function serveSubject(
  style: "fetch" | "node",
  { source, lab }: { source: Source["kind"]; lab: Lab },
): Promise<Subject> {
  const gate = Promise.withResolvers<void>();
  let waiting = false;
  async function answer(path: string): Promise<Uint8Array | string> {
    if (path === "/large") return large;
    if (path === "/slow") {
      waiting = true;
      await gate.promise;
    }
    return `${path}\n`;
  }
  const served = await serveEngine({
    source,
    keepAliveMs: KEEP_ALIVE_MS,
    ...(style === "fetch"
      ? {
        async fetch(request: Request): Promise<Response> {
          const { pathname } = new URL(request.url);
          return new Response(await answer(pathname) as BodyInit);
        },
      }
      : {
        async node(incoming: unknown, outgoing: unknown): Promise<void> {
          const { url = "" } = incoming as IncomingMessage;
          (outgoing as ServerResponse).end(await answer(url));
        },
      }),
  });
  return {
    ...served,
    source,
    open: gate.resolve,
    waiting: () => waiting,
    connect: () => lab.connect(served.target),
  };
}

/** A promise that engines of both styles keep, whatever they got their socket from; all at once, as each of them mostly waits. */
function promise(name: string, body: Body): void {
  drain(name, async (lab) => {
    await Promise.all(
      styles.flatMap((style) =>
        sourcesOf(style).map(async (source) => {
          const subject = await serveSubject(style, { source, lab });
          try {
            await body(subject);
          } catch (error) {
            (error as Error).message += ` (${style} style, by ${source})`;
            throw error;
          } finally {
            await subject[Symbol.asyncDispose]();
          }
        })
      ),
    );
  });
}

promise(
  "an idle connection is kept, and told to close with its next answer",
  async ({ engine, connect }) => {
    const client = await connect();
    assert.is((await client.request("/one")).closes, false);
    const drained = engine.drain();
    await sleep(KEEP_ALIVE_MS / 4);
    assert.ok(client.open, "it is not closed at once");
    const { text, closes } = await client.request("/two");
    assert.equal([text, closes], ["/two\n", true]);
    client.close();
    await within("the drain", drained, SOON_MS);
  },
);

promise(
  "an open request is finished",
  async ({ engine, connect, open, waiting }) => {
    const client = await connect();
    client.send("/slow");
    await until("the request to be open", waiting);
    const drained = engine.drain();
    // Longer than an idle connection would be kept.
    await sleep(KEEP_ALIVE_MS * 1.5);
    open();
    const { text, closes } = await client.answer();
    assert.equal([text, closes], ["/slow\n", true]);
    await within("the drain", drained, SOON_MS);
  },
);

promise(
  "a request whose head is on its way is answered",
  async ({ engine, connect }) => {
    const client = await connect();
    await client.request("/first");
    client.write("GET /half HTTP/1.1\r\nHo");
    await sleep(20);
    const drained = engine.drain();
    await sleep(KEEP_ALIVE_MS / 4);
    client.write("st: test\r\n\r\n");
    const { text, closes } = await client.answer();
    assert.equal([text, closes], ["/half\n", true]);
    client.close();
    await within("the drain", drained, SOON_MS);
  },
);

promise(
  "a connection that was never used does not hold it long",
  async ({ engine, connect }) => {
    await connect();
    await (await connect()).request("/");
    await within("the drain", engine.drain(), SOON_MS);
  },
);

promise("a large answer is delivered whole", async ({ engine, connect }) => {
  const client = await connect();
  client.send("/large");
  await until("the answer to begin", () => client.unread > 0);
  client.socket.pause();
  const drained = engine.drain();
  await sleep(KEEP_ALIVE_MS * 1.5);
  client.socket.resume();
  const { body } = await client.answer();
  assert.is(body.length, LARGE);
  assert.ok(body.every((byte) => byte === 99));
  client.close();
  await within("the drain", drained, SOON_MS);
});

promise(
  "once it says that it is closed, nobody who connects then is accepted",
  async ({ engine, target, open }) => {
    let floods = true;
    // The event loop is about to accept at any time.
    const flood = Array.from({ length: 8 }, async () => {
      while (floods) {
        const client = await RawClient.connect(target).catch(() => undefined);
        client?.close();
        await sleep(1);
      }
    });
    await sleep(100);
    let drained: Promise<void> | undefined;
    await within(
      "the word",
      new Promise<void>((resolve) => drained = engine.drain(resolve)),
      SOON_MS,
    );
    const late = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const client = await RawClient.connect(target).catch(() => undefined);
        client?.send("/late");
        return client;
      }),
    );
    floods = false;
    await sleep(200);
    for (const client of late) {
      assert.is(client?.unread ?? 0, 0);
      client?.close();
    }
    await Promise.all(flood);
    open();
    await within("the drain", drained!, SOON_MS);
  },
);

promise("nobody is accepted any more", async ({ engine, source, target }) => {
  await within("the drain", engine.drain(), SOON_MS);
  if (source === "descriptor" && !usesNodeNet(engine)) {
    // The arbiter's descriptor is open still: the connection waits for another worker.
    const client = await RawClient.connect(target);
    client.send("/");
    await sleep(200);
    assert.is(client.unread, 0);
    return client.close();
  }
  try {
    await RawClient.connect(target);
    assert.unreachable("connected");
  } catch (error) {
    assert.is((error as { code?: string }).code, "ECONNREFUSED");
  }
});

promise(
  "close() cuts what is open",
  async ({ engine, connect, open, waiting }) => {
    const client = await connect();
    client.send("/slow");
    await until("the request to be open", waiting);
    engine.close();
    await client.closed();
    open();
  },
);

drain.run();
