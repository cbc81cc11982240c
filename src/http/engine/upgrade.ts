/** From a request to a WebSocket of the wire engine. */
import type { Channel } from "../../runtime/transport.ts";
import type {
  SocketAnswer,
  SocketKeeper,
  SocketOptions,
  SocketSession,
} from "../../runtime/runtime.ts";
import { WireHeaders } from "../web/headers.ts";
import { WireRequest } from "../web/request.ts";
import type { Legacy } from "../web/heir.ts";
import { acceptHead, readOffer } from "../websocket/handshake.ts";
import { WebSocketSession } from "../websocket/session.ts";
import type { SessionOptions } from "../websocket/session.ts";
import type { Host } from "../connection/host.ts";

/** Fields that the handshake writes itself. */
const OWN = new Set([
  "connection",
  "content-length",
  "sec-websocket-accept",
  "sec-websocket-extensions",
  "sec-websocket-protocol",
  "transfer-encoding",
  "upgrade",
]);

/** The fields that an app gives beside those. @throws TypeError for what is not valid */
function fieldsOf({ headers }: SocketAnswer): string[] {
  if (headers === undefined) return [];
  const list = WireHeaders.list(new WireHeaders(headers));
  const fields: string[] = [];
  for (let at = 0; at < list.length; at += 2) {
    if (!OWN.has(list[at]!.toLowerCase())) {
      fields.push(list[at]!, list[at + 1]!);
    }
  }
  return fields;
}

/** What is called when the WebSocket has ended. */
interface Endings {
  /** Of the answer to the handshake. */
  readonly headBytes: number;
  request?: Legacy["end"];
  socket?: ReturnType<SocketKeeper["keep"]>;
}

/** Apart from what begins it: a function that lives on keeps all that was made beside it, the request too. */
function sessionOptions(
  channel: Channel,
  answer: SocketAnswer,
  { host, endings, sockets: { most, pingMs } }: {
    readonly host: Host;
    readonly endings: Endings;
    readonly sockets: SocketOptions;
  },
): SessionOptions {
  return {
    channel,
    most: Math.min(most, answer.most ?? Infinity),
    pingMs: answer.pingMs ?? pingMs,
    writeMs: host.limits.writeMs,
    latin1: host.parser.latin1,
    now: host.now,
    onOver({ code, bytes }) {
      endings.socket?.({ code, bytes });
      endings.request?.({ status: 101, bytes: bytes + endings.headBytes });
    },
  };
}

/**
 * Makes a request's connection a WebSocket: at once, or when the app has
 * answered, whatever it answers. Undefined where the request asks for none.
 * @throws TypeError for header fields that are not valid
 */
export function upgrade(
  request: unknown,
  answer: SocketAnswer,
  { host, sockets }: {
    readonly host: Host;
    readonly sockets: SocketOptions;
  },
): SocketSession | undefined {
  const { keeper } = sockets;
  const exchange = WireRequest.exchangeOf(request);
  if (exchange === undefined || exchange.over) return undefined;
  if (exchange.status !== undefined || exchange.upgrade !== undefined) {
    return undefined;
  }
  const offer = readOffer(exchange.head);
  if (offer === undefined) return undefined;
  const head = acceptHead(offer, answer.protocol, fieldsOf(answer));
  const endings: Endings = { headBytes: head.length };
  const session = new WebSocketSession(
    sessionOptions(exchange.channel, answer, { host, endings, sockets }),
    answer.events,
  );
  // The client may leave before the app has answered.
  exchange.watcher = { onLeft() {}, onOver: () => session.fail() };
  const begin = () => {
    const legacy = exchange.leaveTo(session);
    if (legacy === undefined) return session.fail();
    endings.request = legacy.end;
    endings.socket = keeper.keep(session, exchange);
    session.begin(head, legacy.head);
  };
  if (answer.atOnce) begin();
  else exchange.upgrade = begin;
  return session;
}
