/**
 * WebSockets on `Deno.serve`. A request that was upgraded must be answered with
 * the response that `Deno.upgradeWebSocket` gave, or the server ends with all
 * its connections (Deno 2.9.5, DENO-UPGRADE): an app that throws after it, or a
 * deadline that comes, has another.
 */
import type { SocketKeeper } from "../../src/runtime/runtime.ts";
import type { TransportOptions } from "../../src/runtime/transport.ts";
import { attempt } from "../../src/base/attempt.ts";
import { noteRefusal } from "../../src/base/http/client-failure.ts";
import { asksForSocket, listOf } from "../../src/base/http/field-list.ts";
import { noteUpgrade, switchedResponse } from "../shared/servers/upgraded.ts";
import { WireSocket } from "./wire-socket.ts";
import { clearTimeout, setTimeout } from "../shared/originals/originals.ts";

interface Upgraded {
  readonly socket: WebSocket;
  readonly response: Response;
}

/** The part of Deno's options that corn knows. */
interface UpgradeOptions {
  readonly protocol?: string;
  /** Seconds of silence after which a ping is sent. */
  readonly idleTimeout?: number;
}

type Upgrade = (request: object, options?: UpgradeOptions) => Upgraded;

/** Upgrades a request of the wire engine. */
type WireUpgrade = Pick<TransportOptions, "channelOf" | "upgrade">;

let watched = false;
let keeper: SocketKeeper | undefined;
let wire: WireUpgrade | undefined;

/** Sets what is told of WebSockets from now on. */
export function keepSocketsBy(one: SocketKeeper): void {
  keeper = one;
}

/** Upgrades requests of the wire engine by it from now on. */
export function upgradeOnWireBy(one: WireUpgrade): void {
  wire = one;
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
    let upgraded: Upgraded;
    try {
      upgraded = wire?.channelOf(request) === undefined
        ? upgradeWebSocket(request, options)
        : upgradeOnWire(request as Request, wire, options);
    } catch (error) {
      // One that was upgraded before cannot be asked.
      const status = attempt(() => refusalStatus(request as Request, options));
      if (status !== undefined) noteRefusal(error, status);
      throw error;
    }
    noteUpgrade(request, upgraded.response);
    if (!(upgraded.socket instanceof WireSocket)) watch(upgraded);
    return upgraded;
  };
}

/** What a client is told whose request is no handshake, or offers no subprotocol that the app speaks; undefined for any other. */
function refusalStatus(
  { method, headers }: Request,
  { protocol }: UpgradeOptions = {},
): number | undefined {
  if (!asksForSocket(headers.get("upgrade"))) return 426;
  const isWhole = method === "GET" && !headers.has("content-length") &&
    !headers.has("transfer-encoding") &&
    listOf(headers.get("connection") ?? "").includes("upgrade") &&
    headers.get("sec-websocket-version") === "13" &&
    /^[A-Za-z\d+/]{22}==$/.test(headers.get("sec-websocket-key") ?? "");
  return isWhole && (protocol === undefined || offers(headers, protocol))
    ? undefined
    : 400;
}

function offers(headers: Headers, protocol: string): boolean {
  const offered = headers.get("sec-websocket-protocol") ?? "";
  return offered.split(",").some((one) => one.trim() === protocol);
}

function upgradeOnWire(
  request: Request,
  { upgrade }: WireUpgrade,
  { protocol, idleTimeout }: UpgradeOptions = {},
): Upgraded {
  if (protocol !== undefined && !offers(request.headers, protocol)) {
    throw new TypeError(
      `Protocol '${protocol}' not in the request's protocol list (non negotiable)`,
    );
  }
  let socket: WireSocket | undefined;
  const session = upgrade?.(request, {
    protocol,
    pingMs: idleTimeout === undefined ? undefined : idleTimeout * 1000,
    atOnce: false,
    events: (session) => socket = new WireSocket(session, protocol ?? ""),
  });
  if (session === undefined) {
    throw new TypeError(
      "Invalid Header: 'upgrade' header must contain 'websocket'",
    );
  }
  const response = switchedResponse();
  return { socket: socket as unknown as WebSocket, response };
}

/**
 * A process with a debugger's port, as workers have it, tells that of each frame
 * though none is attached: 9 µs for an echo (2.9.5, DENO-DEBUGGER-FRAMES).
 */
function leaveDebugger(socket: WebSocket): void {
  for (const key of Object.getOwnPropertySymbols(socket)) {
    if (key.description === "[[inspectorRequestId]]") {
      Reflect.deleteProperty(socket, key);
    }
  }
}

/** A WebSocket that is not open so long after its handshake was answered never will be. */
const OPEN_MS = 10_000;

function watch({ socket, response }: Upgraded): void {
  leaveDebugger(socket);
  // One whose client has reset its connection tells nothing, and keeps the
  // descriptor for good (2.9.5, DENO-UPGRADE-RESET).
  const late = setTimeout(() => {
    if (socket.readyState === WebSocket.CONNECTING) end?.({});
  }, OPEN_MS);
  late.unref();
  socket.addEventListener("open", () => {
    clearTimeout(late);
    // It may get its number with the handshake.
    leaveDebugger(socket);
  });
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
