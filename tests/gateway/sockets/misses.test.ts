import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import {
  amongRefused,
  createMisses,
} from "../../../src/gateway/sockets/misses.ts";
import type { RuntimeName, SocketApp } from "../../../src/runtime/runtime.ts";

const misses = suite("WebSockets that are asked for in vain");

/** What is said of requests for one, by what the app has for them; undefined where nothing ever is. */
function said(
  style: SocketApp["style"] | undefined,
  engine: "native" | "wire",
  name: RuntimeName,
): string[] | undefined {
  const lines: string[] = [];
  const sockets = style && { style } as SocketApp;
  const miss = createMisses(sockets, {
    engine,
    runtime: { name },
    say: (_level, text) => void lines.push(text),
  });
  if (miss === undefined) return undefined;
  miss({ method: "GET", url: "/chat?token=secret" });
  miss({ method: "GET", url: "/chat" });
  return lines;
}

misses("are told once, with why", () => {
  for (const engine of ["native", "wire"] as const) {
    assert.equal(said(undefined, engine, "node"), [
      "GET /chat asks for a WebSocket, and the app exports nothing that serves one: see docs/websockets.md",
    ]);
  }
  assert.equal(said("bun", "native", "node"), [
    "GET /chat asks for a WebSocket, and what the app exports for them is not for the native engine on node: see docs/websockets.md",
  ]);
  assert.equal(said("node", "wire", "bun"), [
    "GET /chat asks for a WebSocket, and what the app exports for them is not for the wire engine on bun: see docs/websockets.md",
  ]);
});

misses("are the app's matter where what it has for them is called", () => {
  assert.is(said("node", "native", "node"), undefined);
  assert.is(said("bun", "wire", "node"), undefined);
  assert.is(said("bun", "native", "bun"), undefined);
  // What serves them there stands in no export.
  assert.is(said(undefined, "native", "deno"), undefined);
});

misses("are a GET of the root where nothing else is known", () => {
  const lines: string[] = [];
  createMisses(undefined, {
    engine: "wire",
    runtime: { name: "node" },
    say: (level, text) => void lines.push(`${level} ${text}`),
  })?.({});
  assert.match(lines.join(), /^warning GET \/ asks for a WebSocket/);
});

misses("amongRefused() picks those that ask for one", () => {
  const told: string[] = [];
  const tell = amongRefused(({ url = "" }) => void told.push(url));
  const ask = (path: string, upgrade?: string) => {
    const headers = new Headers();
    if (upgrade !== undefined) headers.set("upgrade", upgrade);
    tell({ url: path, headers } as Request);
  };
  ask("/page");
  ask("/chat", "WebSocket");
  ask("/other", "h2c");
  assert.equal(told, ["/chat"]);
});

misses.run();
