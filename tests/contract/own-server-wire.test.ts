// runtimes: bun, deno
/** A server that an app starts beside the wire engine is given answers that it can send. */
import process from "node:process";
import * as assert from "../support/assert.ts";
import { promises } from "../support/promise.ts";

process.env.TEST_HTTP = "wire";
const { runtime } = await import("../support/engine/engine.ts");
const { answering } = await import("../support/engine/answering.ts");

const own = promises(`Servers beside the wire engine on ${runtime.name}`);

type Handler = (request: Request) => Response | Promise<Response>;

const { Bun, Deno } = globalThis as unknown as {
  Bun?: {
    gc(force: boolean): void;
    serve(
      options: { fetch: Handler; error: Handler; hostname: string; port: 0 },
    ): { readonly port: number; stop(force: boolean): unknown };
  };
  Deno?: {
    serve(
      options: {
        onError: (error: unknown) => Response;
        onListen(): void;
        hostname: string;
        port: 0;
      },
      handler: Handler,
    ): { readonly addr: { readonly port: number }; shutdown(): unknown };
  };
};

/** Serves by the runtime's own server. */
function serve(handler: Handler): { port: number; stop(): unknown } {
  const common = { hostname: "127.0.0.1", port: 0 } as const;
  const failed = () => new Response("failed", { status: 500 });
  if (Bun !== undefined) {
    const server = Bun.serve({ ...common, fetch: handler, error: failed });
    return { port: server.port, stop: () => server.stop(true) };
  }
  const options = { ...common, onError: failed, onListen() {} };
  const server = Deno!.serve(options, handler);
  return { port: server.addr.port, stop: () => server.shutdown() };
}

const answers: Readonly<Record<string, () => Response | Promise<Response>>> = {
  "/text": () => new Response("text", { headers: new Headers({ a: "b" }) }),
  "/late": () => Promise.resolve(new Response("late")),
  "/copy": () => {
    const from = new Response("copy", { status: 201 });
    return new Response(from.body, from);
  },
  "/bytes": () => new Response(new Uint8Array([65, 66])),
  "/json": () => Response.json({ a: 1 }),
  "/none": () => new Response(null, { status: 204 }),
  "/clone": () => new Response("clone").clone(),
  "/form": () => new Response(new URLSearchParams({ a: "b" })),
  "/stream": () => new Response(new Response("stream").body),
  "/throw": () => {
    throw new Error("of the app's");
  },
};

own("its answers go out as they are", async () => {
  // What an app finds is in place once the engine is made.
  await using app = await answering((request) =>
    answers[new URL(request.url).pathname]!()
  );
  const made = serve((request) => answers[new URL(request.url).pathname]!());
  const ask = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${made.port}${path}`);
    return [response.status, await response.text()];
  };
  try {
    for (const path of Object.keys(answers)) {
      if (path === "/throw") continue;
      const { status, text } = await app.ask(path);
      // Until what was sent is collected: a server that takes what only looks
      // like a Response has lost its memory by then.
      for (let time = 0; time < 30; time++) {
        assert.equal(await ask(path), [status, text], path);
      }
    }
    assert.equal(await ask("/throw"), [500, "failed"]);
    Bun?.gc(true);
  } finally {
    await made.stop();
  }
});

own.run();
