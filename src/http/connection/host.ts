/** What a connection needs of its engine. */
import type { Heir } from "../web/heir.ts";
import type { ExchangeObserver } from "../../exchange/exchange.ts";
import type { RequestHandler } from "../../runtime/runtime.ts";
import type { WireLimits } from "../h1/limits.ts";
import type { ParserOptions } from "../h1/parser.ts";
import type { Turns } from "../output/turns.ts";
import type { TimedConnection } from "../proxy-protocol/proxy-handshake.ts";
import type { Channel, Transport } from "../../runtime/transport.ts";

/** A connection that becomes another protocol's. */
export interface Leaver extends TimedConnection {
  readonly channel: Channel;
}

/** What all connections of an engine share. */
export interface Host {
  readonly handler: Pick<RequestHandler, "fetch">;
  /** Sees requests and responses. */
  readonly observer: ExchangeObserver | undefined;
  readonly limits: WireLimits;
  readonly parser: ParserOptions;
  /** The same for connections that speak TLS. */
  readonly secureParser: ParserOptions;
  readonly transport: Pick<
    Transport,
    "byteLength" | "fileSize" | "join" | "soon"
  >;
  /** Which of several streams writes next. */
  readonly turns: Turns;
  readonly keepAliveMs: number;
  /** True where connections should end soon: in a drain, and while others wait for a place. */
  readonly draining: boolean;
  now(): number;
  /** What `now()` is behind the clock, for times that are logged. */
  lost(): number;
  /** The Date field's line. */
  dateLine(): string;
  report(text: string): void;
  /** Forgets a connection. */
  onClose(connection: object): void;
  /** Keeps what took over a connection in its place. */
  onLeave(connection: Leaver, heir: Heir): void;
}
