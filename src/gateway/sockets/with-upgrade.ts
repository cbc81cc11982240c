/** An app whose WebSockets are served by a listener of `http.Server`'s "upgrade", or by a library that is one. */
import { stackOf } from "../../base/stack.ts";
import { isThenable } from "../../base/promise.ts";
import type {
  Clock,
  NativeRequests,
  SocketApp,
  Upgrade,
} from "../../runtime/runtime.ts";
import type { App } from "../app/app.ts";
import { pathOf } from "../../exchange/path.ts";
import { withoutBase } from "../proxies/base-path.ts";
import { watchHandedOver } from "./handed-over.ts";
import type { HandshakeKeeper } from "./open-sockets.ts";
import { nodeHandshake, wireHandshake } from "./handshake.ts";
import type { Handshake } from "./handshake.ts";

export interface UpgradeOptions {
  readonly clock: Pick<Clock, "after">;
  readonly keeper: HandshakeKeeper;
  readonly nativeRequests: Pick<NativeRequests, "messages" | "takeSocket">;
  /** The path that a fetch app is served below, which its messages still have. */
  readonly basePath: string;
  /** Reports a failure of the app. */
  onFailure(text: string): void;
}

const FAILED =
  "HTTP/1.1 500 Internal Server Error\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/** Stands for the answer that was given by the socket. */
function switchedResponse(): Response {
  // The field is what `@hono/node-server` takes for that.
  const headers = { "x-hono-already-sent": "true" };
  const response = new Response(null, { headers });
  Object.defineProperty(response, "status", { value: 101 });
  return response;
}

/** The app, but that requests to upgrade are its listener's. */
export function withUpgrade(
  app: App,
  sockets: Extract<SocketApp, { readonly style: "node" }>,
  options: UpgradeOptions,
): App {
  const { nativeRequests, basePath } = options;
  const { upgrade } = sockets;
  const takes = () => sockets.takes?.() !== false;
  if (app.style === "fetch") {
    return {
      style: "fetch",
      call(request, env, context) {
        const messages = nativeRequests.messages;
        const handshake = wireHandshake(request, env) ??
          (messages && nodeHandshake(...messages(env), nativeRequests));
        if (handshake === undefined || !takes()) {
          return app.call(request, env, context);
        }
        const { incoming } = handshake;
        incoming.url = withoutBase(incoming.url, basePath) ?? incoming.url;
        if (!handOver(handshake, upgrade, options)) {
          return app.call(request, env, context);
        }
        return switchedResponse();
      },
    };
  }
  return {
    style: "node",
    call(incoming, outgoing) {
      const handshake = nodeHandshake(incoming, outgoing, nativeRequests);
      if (
        handshake === undefined || !takes() ||
        !handOver(handshake, upgrade, options)
      ) {
        return app.call(incoming, outgoing);
      }
    },
  };
}

/** Gives the connection to the listener; false where it is too late. */
function handOver(
  { incoming, take }: Handshake,
  upgrade: Upgrade,
  options: UpgradeOptions,
): boolean {
  const taken = take();
  if (taken === undefined) return false;
  const what = `GET ${pathOf(incoming.url)}`;
  const { keeper, clock, onFailure } = options;
  const answered = watchHandedOver(taken, {
    keeper,
    after: (ms, run) => clock.after(ms, run),
    onSilence: () =>
      onFailure(`${what} asks for a WebSocket and got no answer: cut`),
  });
  const fail = (thrown: unknown) => {
    onFailure(`${what} failed as a WebSocket\n${stackOf(thrown)}`);
    if (!answered() && taken.socket.writable) taken.socket.end(FAILED);
    else taken.socket.destroy();
  };
  try {
    const answer = upgrade(incoming, taken.socket, taken.head);
    if (isThenable(answer)) answer.then(undefined, fail);
  } catch (thrown) {
    fail(thrown);
  }
  return true;
}
