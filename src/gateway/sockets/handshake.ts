/** A request to become a WebSocket, on an engine that can hand its connection over. */
import { MOST_WAITING } from "../../base/http/connection-limits.ts";
import { asksForSocket } from "../../base/http/field-list.ts";
import type { Heir } from "../../http/web/heir.ts";
import { WireRequest } from "../../http/web/request.ts";
import type { GivenSocket, NativeRequests } from "../../runtime/runtime.ts";
import { noteSwitched } from "../../exchange/switched.ts";
import type { SwitchedEnd } from "../../exchange/switched.ts";

/** A connection that was taken from its engine. */
export interface Taken extends GivenSocket {
  /** To be called once it has ended. */
  end(end: SwitchedEnd): void;
}

/** One such request. */
export interface Handshake {
  readonly incoming: Incoming;
  /** Takes the connection, on which the request is to be answered; undefined where it is too late. */
  take(): Taken | undefined;
}

/** The part of http.IncomingMessage that matters here. */
export interface Incoming {
  readonly method?: string;
  upgrade?: boolean;
  url: string;
}

/** Stands for a connection that was given away: it has no events, and its own times. */
class AwayHeir implements Heir {
  socket: GivenSocket["socket"] | undefined;

  cut(): void {
    this.socket?.destroy();
  }

  onData(): void {}
  onDrain(): void {}
  onClose(): void {}

  /** Its client ended before it was given away, which nothing tells its library. */
  onEnd(): void {
    this.cut();
  }

  /** Its library may write without end to a client that takes nothing. */
  check(): void {
    if ((this.socket?.writableLength ?? 0) > MOST_WAITING) this.cut();
  }
}

/**
 * The handshake that a request of the wire engine is; undefined for any other.
 * `env` has the messages of `node:http`.
 */
export function wireHandshake(
  request: unknown,
  env: unknown,
): Handshake | undefined {
  const exchange = WireRequest.exchangeOf(request);
  if (exchange?.head.upgrades !== true) return undefined;
  const { head, channel } = exchange;
  if (head.method !== "GET" || head.minor === 0) return undefined;
  if (!asksForSocket(head.field("upgrade"))) return undefined;
  if (channel.handOver === undefined) return undefined;
  // Made of the open request, before that is left. Bun and Deno have none, and
  // sockets of `node:net` all the same where they speak TLS.
  const { incoming } = env as { readonly incoming?: Incoming };
  if (incoming === undefined) return undefined;
  incoming.upgrade = true;
  return {
    incoming,
    take() {
      const heir = new AwayHeir();
      const legacy = exchange.leaveTo(heir);
      if (legacy === undefined) return undefined;
      const given = channel.handOver?.(legacy.head);
      heir.socket = given?.socket;
      return given && { ...given, end: legacy.end };
    },
  };
}

/** The handshake that a message of `node:http` is; undefined for any other. */
export function nodeHandshake(
  incoming: unknown,
  outgoing: unknown,
  { takeSocket }: Pick<NativeRequests, "takeSocket">,
): Handshake | undefined {
  const message = incoming as Incoming;
  if (message.upgrade !== true || takeSocket === undefined) return undefined;
  return {
    incoming: message,
    take() {
      const response = outgoing as { statusCode: number };
      response.statusCode = 101;
      // Its observers ask when it is told to be over.
      const switched = noteSwitched(response);
      const given = takeSocket(response);
      return given && { ...given, end: (end) => switched.end(end) };
    },
  };
}
