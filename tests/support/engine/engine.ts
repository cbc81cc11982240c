/** An engine that serves in this process. */
import { answerLater } from "../../../src/base/http/answer.ts";
import process from "node:process";
import { servingRuntime } from "../../../adapters/mod.ts";
import type {
  Address,
  BunHandlers,
  Clock,
  Engine,
  Listener,
  Place,
  RequestHandler,
  Source,
  TlsMaterial,
  Upgrade,
} from "../../../src/runtime/runtime.ts";
import type { ProxyRules } from "../../../src/http/proxy-protocol/proxy-header.ts";
import type { ServingRuntime } from "../../../src/runtime/serving.ts";
import { defaultLimits } from "../../../src/http/h1/limits.ts";
import type { ExchangeObserver } from "../../../src/exchange/exchange.ts";
import type { FetchApp } from "../../../src/gateway/app/app.ts";
import { OpenSockets } from "../../../src/gateway/sockets/open-sockets.ts";
import { Refusals } from "../../../src/gateway/proxies/refusals.ts";
import type { WireLimits } from "../../../src/http/h1/limits.ts";
import {
  createEngine,
  prepareFor,
  servesDescriptors,
} from "../../../src/worker/engine.ts";
import type { Choice } from "../../../src/worker/engine.ts";
import { asyncClass } from "../../../src/worker/classes/async.ts";
import type { Target } from "../client/client.ts";

/** What to serve. */
export interface EngineQuery {
  readonly fetch?: RequestHandler["fetch"];
  readonly node?: RequestHandler["node"];
  readonly source: Source["kind"];
  readonly keepAliveMs?: number;
  readonly address?: Address;
  /** Limits of the wire engine that differ from its defaults. */
  readonly limits?: Partial<WireLimits>;
  /** Who is told of exchanges. */
  readonly observer?: ExchangeObserver;
  /** Bun's handlers of WebSockets. */
  readonly websocket?: BunHandlers;
  /** What takes requests for WebSockets of a Node listener. */
  readonly upgrade?: Upgrade;
  /** Bytes that a message may have. */
  readonly most?: number;
  /** Connections that the wire engine takes at once. */
  readonly connections?: number;
  /** The place of the one request that may be in hand. */
  readonly place?: Place;
  /** What TLS is spoken with; the address is plain without. */
  readonly tls?: TlsMaterial;
  /** Where each connection begins with a PROXY header. */
  readonly proxyRules?: ProxyRules;
  /** Instead of the runtime's. */
  readonly clock?: Clock;
}

/** An engine on a free address. */
export interface ServedEngine extends AsyncDisposable {
  readonly engine: Engine;
  /** The WebSockets that it has open. */
  readonly sockets: OpenSockets;
  readonly address: Address;
  readonly target: Target;
  /** The inherited socket that it accepts from. */
  readonly descriptor: number | undefined;
  /** What it reported. */
  readonly reports: readonly string[];
}

/** The engine that is tested: a suite is run again for the wire engine by a file that sets this first. */
export const http: "native" | "wire" = process.env.TEST_HTTP === "wire"
  ? "wire"
  : "native";

/** The styles of apps that it serves. */
export const styles: readonly RequestHandler["style"][] = http === "wire"
  ? ["fetch"]
  : ["fetch", "node"];

/** The runtime that runs this test. */
export const runtime: ServingRuntime = await servingRuntime();

let prepared: true | undefined;

/** True for engines whose listening socket is node:net's: they close what they were given. */
export function usesNodeNet({ name }: Engine): boolean {
  return name === "node:http" || name === "wire";
}

const ANY_PORT: Address = { kind: "tcp", host: "127.0.0.1", port: 0 };

/** node:net closes the descriptor that it was given, which must not be closed twice: these stay as they are. */
const kept: Listener[] = [];

/** The engine under test, with what it lets clients send. */
function choose(
  limits: Partial<WireLimits> = {},
  keepAliveMs = 1000,
  proxyRules?: ProxyRules,
): Choice {
  return {
    workerClass: asyncClass,
    http: {
      engine: http,
      lightResponse: true,
      limits: { ...defaultLimits, ...limits },
      ...(proxyRules && { proxyRules }),
      serving: { keepAliveMs, backlog: 128, unixMode: 0o600 },
    },
    listeners: [],
  };
}

/** The sources that an engine of the style can be given on this runtime. */
export function sourcesOf(style: RequestHandler["style"]): Source["kind"][] {
  return runtime.holdsListeners && servesDescriptors(choose(), runtime, style)
    ? ["descriptor", "address"]
    : ["address"];
}

/** Passes late answers on as a RequestHandler must. */
function finishing(fetch: RequestHandler["fetch"]): RequestHandler["fetch"] {
  return (request, env, finish) => {
    const answer = fetch(request, env);
    return answer instanceof Promise ? answerLater(answer, finish) : answer;
  };
}

/** The fetch of an app that is not asked what is refused. */
function refusing(
  refusals: Refusals,
  fetch: RequestHandler["fetch"] = () => new Response("unused"),
): RequestHandler["fetch"] {
  const call: FetchApp = (request, env) => fetch(request, env);
  return refusals.wrap({ style: "fetch", call })
    .call as unknown as RequestHandler["fetch"];
}

/** Serves the face of the handler that is given. */
export async function serveEngine(query: EngineQuery): Promise<ServedEngine> {
  const { fetch, node, source } = query;
  const { address = ANY_PORT } = query;
  const reports: string[] = [];
  const choice = choose(query.limits, query.keepAliveMs, query.proxyRules);
  if (prepared === undefined) await prepareFor(choice, runtime, true);
  prepared = true;
  const { random } = runtime;
  const { clock = runtime.clock } = query;
  const sockets = new OpenSockets({ clock, random });
  const refusals = new Refusals((text) => void reports.push(text));
  const engine = await createEngine(choice, { ...runtime, clock }, {
    text: "app.ts",
    limits: {
      workerConnections: query.connections ?? 0,
      maxQueue: Number.MAX_SAFE_INTEGER,
    },
    handler: {
      style: fetch === undefined ? "node" : "fetch",
      fetch: finishing(refusing(refusals, fetch)),
      node: node ?? (() => {}),
    },
    refusals,
    sockets: {
      keeper: sockets,
      app: query.websocket
        ? { style: "bun", handlers: query.websocket }
        : query.upgrade && { style: "node", upgrade: query.upgrade },
      most: query.most ?? 1 << 24,
      pingMs: 30_000,
    },
    observer: query.observer,
    ...(query.place && { place: query.place }),
    ...(query.tls && { tls: query.tls }),
    report: (text) => void reports.push(text),
  });
  const listener = source === "descriptor"
    ? await runtime.listen(address, {
      queues: 1,
      reusePort: false,
      backlog: 128,
      unixMode: 0o600,
    })
    : undefined;
  const secure = query.tls && { secure: true } as const;
  const opened = await engine.open(
    listener === undefined ? { kind: "address", address, ...secure } : {
      kind: "descriptor",
      descriptor: listener.queues[0] as number,
      address: listener.address,
      ...secure,
    },
  );
  return {
    engine,
    sockets,
    address: opened,
    descriptor: listener?.queues[0],
    target: opened.kind === "unix" ? { path: opened.path } : opened,
    reports,
    [Symbol.asyncDispose]() {
      engine.close();
      if (!usesNodeNet(engine)) listener?.close();
      else if (listener !== undefined) kept.push(listener);
      return Promise.resolve();
    },
  };
}
