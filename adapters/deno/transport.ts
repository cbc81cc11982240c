/** The wire engine's transport on Deno: by epoll(7) where FFI is permitted, by `node:net` elsewhere. */
import type { Socket } from "node:net";
import type {
  Channel,
  Transport,
  TransportListener,
  TransportOptions,
} from "../../src/runtime/transport.ts";
import type { ExchangeHandle } from "../../src/runtime/exchange.ts";
import type { Peer, Source } from "../../src/runtime/runtime.ts";
import { codec, createNetTransport } from "../shared/servers/net-transport.ts";
import { onThreadEnd } from "../shared/processes/thread-end.ts";
import { peerOfSocket } from "../shared/sockets/peer.ts";
import type { Libc } from "../libc/libc.ts";
import { setCloseOnExec, setNonBlocking } from "../libc/descriptor.ts";
import { createTap, restOf } from "../libc/tap.ts";
import { answerBy } from "./servers.ts";
import { upgradeOnWireBy, watchUpgrades } from "./upgrades.ts";
import { EpollChannel } from "./epoll-channel.ts";
import { EPOLLIN, EventLoop } from "./event-loop.ts";
import { EAGAIN, EINTR, loadSocketCalls } from "./socket-calls.ts";
import type { SocketCalls } from "./socket-calls.ts";
import { clearTimeout, setTimeout } from "../shared/originals/originals.ts";

const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const YES = new Uint8Array([1, 0, 0, 0]);

/**
 * What a listening socket is watched for. By EPOLLEXCLUSIVE a connection would
 * wake one worker alone, and wait for the next if that one stops accepting.
 */
const WANTED = EPOLLIN;

/**
 * Turns with nothing to do before a thread is asked, which costs as much as
 * several and hears of the next event some 100 µs later (DENO-FFI-WAIT): a
 * caller of tasks has answered by then.
 */
const QUIET_TURNS = { http: 4, tasks: 24 };

/** Connections that are accepted before others have their turn, and other workers. */
const ACCEPTED_AT_ONCE = 4;

/** Where accept(2) fails for want of descriptors or memory, it would fail again at once. */
const FAILURE_MS = 100;
/** Errors of a single connection: accept(2). */
const OF_ONE = new Set([EINTR, 71, 103]);

/** What Deno.serve hands to its handler. */
class Info {
  readonly #peer: () => Peer | undefined;
  readonly #exchange: ExchangeHandle;

  constructor(peer: () => Peer | undefined, exchange: ExchangeHandle) {
    this.#peer = peer;
    this.#exchange = exchange;
  }

  get remoteAddr() {
    const peer = this.#peer();
    if (peer?.kind === "unix") return { transport: "unix", path: "" };
    const { address: hostname = "", port = 0 } = peer ?? {};
    return { transport: "tcp", hostname, port };
  }

  /** Resolves when the response was sent, rejects where it was not. */
  get completed(): Promise<void> {
    return this.#exchange.completed();
  }
}

/** See `Transport.prepare`. */
function prepare(own: <T>(answer: T) => T | Response): void {
  watchUpgrades();
  answerBy(own);
}

/** What is beneath a socket of `node:net`. */
interface Handle {
  readStart(): void;
  readStop(): void;
}

/** A TLSSocket that is paused reads on, and keeps all that comes (2.9.5, DENO-TLS-PAUSE). */
function holdSecure(accepted: object, on: boolean): void {
  const { _handle: handle } = accepted as { readonly _handle?: Handle | null };
  if (on) handle?.readStop();
  else handle?.readStart();
}

export function createDenoTransport(
  libc: Libc | undefined,
  use: "http" | "tasks" = "http",
): Transport {
  const net: Transport = {
    ...createNetTransport({
      holdSecure,
      envFor: () => (socket: Socket, exchange) =>
        new Info(() => peerOfSocket(socket), exchange),
      // Deno leaves what it inherits open across exec (2.9.6,
      // DENO-INHERITED-CLOEXEC).
      rest: (_server, descriptor) =>
        restOf(libc && createTap(libc, descriptor)),
      adopt: (descriptor) => libc && setCloseOnExec(libc, descriptor, true),
    }),
    // Before a timer Deno looks at its sockets, and not before setImmediate()
    // (2.9.5, DENO-IMMEDIATE-FIRST).
    whenRead: (run) => void setTimeout(run, 1),
  };
  if (libc === undefined) {
    return {
      ...net,
      prepare,
      listen(source, options) {
        upgradeOnWireBy(options);
        return net.listen(source, options);
      },
    };
  }
  // Looked for at the first listen: arbiters and native engines need none of it.
  let found: { readonly calls: SocketCalls | undefined } | undefined;
  let loop: EventLoop | undefined;
  return {
    ...codec,
    // A thread that waits tells of it later.
    whenRead(run) {
      loop?.catchUp();
      net.whenRead(run);
    },
    prepare,
    prepareTls: net.prepareTls,
    // deno-lint-ignore require-await -- what it throws must reject
    async listen(source, options) {
      upgradeOnWireBy(options);
      if (source.kind !== "descriptor" || options.tls) {
        return net.listen(source, options);
      }
      found ??= { calls: loadSocketCalls() };
      const { calls } = found;
      if (calls === undefined) return net.listen(source, options);
      loop ??= beginLoop(calls, use);
      return listen(source, options, { libc, loop });
    },
  };
}

function beginLoop(calls: SocketCalls, use: "http" | "tasks"): EventLoop {
  const loop = new EventLoop(calls, QUIET_TURNS[use]);
  onThreadEnd(() => loop.end());
  return loop;
}

function listen(
  { descriptor, address }: Source & { readonly kind: "descriptor" },
  { backlog, accept }: TransportOptions,
  { libc, loop }: { readonly libc: Libc; readonly loop: EventLoop },
): TransportListener {
  const { calls } = loop;
  const channelOptions = {
    loop,
    kind: address.kind,
    envOf: (channel: Channel, exchange: ExchangeHandle) =>
      new Info(() => channel.peer(), exchange),
  };
  setNonBlocking(libc, descriptor);
  setCloseOnExec(libc, descriptor, true);
  libc.call("listen", descriptor, backlog);
  let on = true;
  let closed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function take(socket: number): void {
    if (address.kind === "tcp") {
      calls.setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, YES, YES.length);
    }
    const channel = new EpollChannel(socket, channelOptions);
    channel.events = accept(channel);
  }

  const watch = loop.watch(descriptor, WANTED, { onReady: acceptSome });

  function acceptSome(): void {
    for (let count = 0; count < ACCEPTED_AT_ONCE && on; count++) {
      const socket = calls.accept4(
        descriptor,
        0n,
        0n,
        SOCK_NONBLOCK | SOCK_CLOEXEC,
      );
      if (socket >= 0) {
        take(socket);
        continue;
      }
      const errno = calls.errno();
      if (OF_ONE.has(errno)) continue;
      if (errno !== EAGAIN) rest();
      return;
    }
  }

  function rest(): void {
    watch.listen(-1);
    timer = setTimeout(() => on && watch.listen(WANTED), FAILURE_MS);
  }

  function acceptIf(wanted: boolean): boolean {
    if (closed || on === wanted) return true;
    on = wanted;
    clearTimeout(timer);
    watch.listen(on ? WANTED : -1);
    return true;
  }

  return {
    address,
    accept: acceptIf,
    close() {
      if (closed) return;
      acceptIf(false);
      closed = true;
      watch.end();
      calls.close(descriptor);
    },
  };
}
