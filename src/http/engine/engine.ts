/** The wire engine: corn's own HTTP/1.1 on a runtime's sockets. */
import type { ExchangeObserver } from "../../exchange/exchange.ts";
import type {
  Clock,
  Closeable,
  Engine,
  EngineOptions,
  Source,
} from "../../runtime/runtime.ts";
import { Connection } from "../connection/connection.ts";
import { SWEEP_MS, UNUSED_MS } from "../../base/http/connection-limits.ts";
import type { Host } from "../connection/host.ts";
import { LeftConnection } from "./left-connection.ts";
import { createPlaced } from "./placed.ts";
import { createDateLine } from "../output/date-line.ts";
import type { WireLimits } from "../h1/limits.ts";
import { ProxyHandshake } from "../proxy-protocol/proxy-handshake.ts";
import type {
  HandshakeHost,
  TimedConnection,
} from "../proxy-protocol/proxy-handshake.ts";
import { WireRequest } from "../web/request.ts";
import { Turns } from "../output/turns.ts";
import { upgrade } from "./upgrade.ts";
import { summarisedReport } from "../../base/summarised-report.ts";
import { createIntake } from "./intake.ts";
import { summarisedFailures } from "../../base/http/failed-handshakes.ts";
import type { Channel, Transport } from "../../runtime/transport.ts";

/** What the wire engine needs beyond what every engine does. */
export interface WireOptions extends EngineOptions {
  readonly limits: WireLimits;
  readonly transport: Transport;
  readonly clock: Clock;
  /** Connections at once, where the transport can leave others in the queue; 0 for any number. */
  readonly connections?: number;
  /** Sees requests and responses. */
  readonly observer: ExchangeObserver | undefined;
  /** Where each connection begins with a PROXY header. */
  readonly proxyProtocol?: Pick<HandshakeHost, "versions" | "trusts">;
}

/** When a sweep is so much late, the event loop stood still, and what came meanwhile is not read yet. */
const HELD_UP_MS = 50;

export function createWireEngine(options: WireOptions): Engine {
  const { transport, clock, keepAliveMs, limits, sockets, place } = options;
  const { soon } = transport;
  const { connections: most = 0, handler } = options;
  const connections = new Set<TimedConnection>();
  const intake = createIntake(place === undefined ? most : 1);
  place?.watch((free) => intake.count(free ? 0 : 1));
  const placed = place && createPlaced({ handler, place, clock, soon });
  const count = place === undefined
    ? () => intake.count(connections.size)
    : () => {};
  /** Those that wait for a place get it when a request ends, not a connection. */
  const crowd = place === undefined ? intake : { full: false };
  let draining = false;
  let drained: (() => void) | undefined;
  let sweeper: Closeable | undefined;
  const dateLine = createDateLine(clock);

  const parser = {
    limits,
    latin1: transport.latin1,
    origin: "http://localhost",
  };
  const host: Host = {
    handler: placed?.handler ?? handler,
    observer: options.observer,
    limits,
    transport,
    turns: new Turns(soon),
    keepAliveMs,
    parser,
    secureParser: { ...parser, origin: "https://localhost", secure: true },
    get draining() {
      return draining || crowd.full;
    },
    now: () => clock.lived(),
    lost: () => clock.lost(),
    dateLine: () => dateLine.text(),
    report: options.report,
    onClose: forget,
    onLeave(one, heir) {
      const { channel } = one;
      // The place that a connection has is given back by what told of it first.
      if (placed !== undefined || channel.giveTo === undefined) return;
      const left = new LeftConnection(heir, forget);
      connections.delete(one);
      connections.add(left);
      channel.giveTo(left);
    },
  };

  function forget(one: TimedConnection): void {
    connections.delete(one);
    count();
    endDrain();
  }

  function connect(channel: Channel): TimedConnection {
    const connection = new Connection(channel, host);
    connections.add(connection);
    return connection;
  }

  const { proxyProtocol } = options;
  const handshakeHost: HandshakeHost | undefined = proxyProtocol && {
    ...proxyProtocol,
    headerMs: () =>
      host.draining ? Math.max(keepAliveMs, UNUSED_MS) : limits.headerMs,
    now: () => clock.lived(),
    onRefusal: summarisedReport({
      clock,
      report: options.report,
      more: (count, seconds) =>
        `Closed ${count} more for what should be a PROXY header in the last ${seconds} s`,
    }),
    enter(handshake, channel) {
      connections.delete(handshake);
      return connect(channel);
    },
    onClose: forget,
  };

  const onHandshakeFailure = summarisedFailures(options);
  /** Newer than what the engine was made with, where there is one. */
  let material = options.tls;

  function begin(channel: Channel): TimedConnection {
    if (handshakeHost === undefined) return connect(channel);
    const handshake = new ProxyHandshake(channel, handshakeHost);
    connections.add(handshake);
    return handshake;
  }

  function receive(channel: Channel): TimedConnection {
    watch();
    const begun = begin(channel);
    count();
    return begun;
  }

  /** Watches connections as long as there are any: an idle engine never wakes. */
  function watch(): void {
    if (sweeper !== undefined) return;
    const armed = clock.now();
    const armedLived = clock.lived();
    sweeper = clock.pulse(SWEEP_MS, () => {
      sweeper = undefined;
      const now = clock.now();
      // What came while nothing was read shall be read first.
      const heldUp = now - armed > SWEEP_MS + HELD_UP_MS;
      const moment = heldUp ? armedLived : clock.lived();
      dateLine.check(now);
      transport.whenRead(() => sweep(moment));
    });
  }

  /** Ends what is overdue at a moment: what came until then is read. */
  function sweep(moment: number): void {
    for (const connection of connections) connection.check(moment);
    if (connections.size > 0) watch();
    else dateLine.forget();
  }

  function endDrain(): void {
    if (!draining || connections.size > 0) return;
    sweeper?.close();
    sweeper = undefined;
    drained?.();
  }

  function stopAccepting(): void {
    draining = true;
    intake.close();
  }

  return {
    name: "wire",
    async open(source: Source) {
      const known = intake.reopen(source);
      if (known !== undefined) return known;
      const begun = material;
      const listener = await transport.listen(source, {
        backlog: options.backlog,
        unixMode: options.unixMode,
        unixOwner: options.unixOwner,
        accept: placed === undefined
          ? receive
          : (channel) => placed.accept(channel, receive(channel)),
        channelOf: (request) => WireRequest.exchangeOf(request)?.channel,
        tls: source.secure && begun,
        prefaced: handshakeHost !== undefined,
        onHandshakeFailure,
        sockets: sockets?.app,
        upgrade: (request, answer) =>
          sockets && upgrade(request, answer, { host, sockets }),
      });
      // Newer certificates may have come meanwhile.
      if (material !== undefined && material !== begun) {
        listener.rekey?.(material);
      }
      intake.add(source, listener);
      return listener.address;
    },
    release: (descriptor) => intake.release(descriptor),
    drain(closed) {
      stopAccepting();
      closed?.();
      return new Promise((resolve) => {
        drained = resolve;
        endDrain();
      });
    },
    close() {
      stopAccepting();
      for (const connection of connections) connection.cut();
      endDrain();
    },
    rekey(newer) {
      intake.rekey(newer);
      material = newer;
    },
  };
}
