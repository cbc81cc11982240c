/**
 * WebSockets on `Deno.serve`. A request that was upgraded must be answered with
 * the response that `Deno.upgradeWebSocket` gave, or the server ends with all
 * its connections (Deno 2.9.5, DENO-UPGRADE): an app that throws after it, or a
 * deadline that comes, has another.
 */
import type { SocketKeeper } from "../../src/runtime/runtime.ts";

interface Upgraded {
  readonly socket: WebSocket;
  readonly response: Response;
}

type Upgrade = (request: object, options?: unknown) => Upgraded;

const responses = new WeakMap<object, Response>();
let any = false;
let watched = false;
let keeper: SocketKeeper | undefined;

/** Sets what is told of WebSockets from now on. */
export function keepSocketsBy(one: SocketKeeper): void {
  keeper = one;
}

/** Notes the responses from now on; call it before the app is loaded. */
export function watchUpgrades(): void {
  const { Deno } = globalThis as unknown as {
    Deno: { upgradeWebSocket: Upgrade };
  };
  const { upgradeWebSocket } = Deno;
  if (watched) return;
  watched = true;
  Deno.upgradeWebSocket = (request, options) => {
    const upgraded = upgradeWebSocket(request, options);
    responses.set(request, upgraded.response);
    any = true;
    watch(upgraded);
    return upgraded;
  };
}

function watch({ socket, response }: Upgraded): void {
  const end = keeper?.keep({
    // One of a server's may give any code.
    close: (code, reason) => socket.close(code, reason),
    // Nothing cuts it, but it is waited for no longer (Deno 2.9.5,
    // DENO-WEBSOCKET-CUT).
    cut: () => end?.({}),
  }, response);
  socket.addEventListener("close", ({ code }) => end?.({ code }));
  // Where the client left before it was open, no "close" follows.
  socket.addEventListener("error", () => {
    if (socket.readyState !== WebSocket.OPEN) end?.({});
  });
}

/** See `NativeView.upgradeOf`. */
export function upgradeOf(request: object): Response | undefined {
  return any ? responses.get(request) : undefined;
}
