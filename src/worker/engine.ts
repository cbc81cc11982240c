/** The engine that a worker serves with. */
import { AppError, BootError } from "../base/errors.ts";
import { peerTest } from "../base/addresses/networks.ts";
import type { ExchangeObserver } from "../exchange/exchange.ts";
import { watchFetch } from "../gateway/call/fetched.ts";
import { FieldsAtHand } from "../gateway/proxies/fields-at-hand.ts";
import {
  isIdle,
  isTrusting,
  withForwarding,
} from "../gateway/proxies/forwarding.ts";
import type { ForwardingRules } from "../gateway/proxies/forwarding-rules.ts";
import type { RequestLimits } from "../gateway/limits/request-limits.ts";
import type { HttpPlan } from "../http/engine/http-plan.ts";
import type { Refusals } from "../gateway/proxies/refusals.ts";
import { withTarget } from "../gateway/proxies/request-target.ts";
import type { Engine, EngineOptions, Runtime } from "../runtime/runtime.ts";
import type { ServingRuntime } from "../runtime/serving.ts";
import type {
  EngineName,
  EngineQuery,
  Style,
  WorkerClass,
} from "./classes/worker-class.ts";

/** What decides which engine it is. */
export interface Choice extends EngineQuery {
  readonly http: HttpPlan;
  readonly workerClass: WorkerClass;
}

/** The engine for an app. */
export function engineFor(
  choice: Choice,
  runtime: Pick<Runtime, "name" | "servesDescriptors">,
  style: Style,
): EngineName {
  return choice.workerClass.engineFor(choice, runtime, style);
}

/**
 * Puts in place what an app must find when it is loaded; call it before that.
 * `observed` says whether exchanges will be.
 */
export async function prepareFor(
  choice: Choice,
  runtime: ServingRuntime,
  observed: boolean,
): Promise<void> {
  watchFetch(runtime);
  // What the app is shows only when it is loaded: a Node listener needs nothing.
  if (engineFor(choice, runtime, "fetch") === "native") {
    return await prepareNative(choice, runtime, observed);
  }
  const { installGlobals, ownResponse, transport } = await loadWire(runtime);
  transport.prepare?.(ownResponse);
  // Much of Bun takes only its own Response: its server, which an app may start
  // for itself, its files, its rewriter of HTML.
  const light = runtime.name === "bun" ? "memo" : "light";
  installGlobals(runtime.globals, choice.http.lightResponse ? light : "own");
}

/** The same for the runtime's own server. */
async function prepareNative(
  { http }: Choice,
  runtime: ServingRuntime,
  observed: boolean,
): Promise<void> {
  const { globals, nativeRequests } = runtime;
  const { installWebGlobals, answerBy } = await runtime.loadNative();
  const sizes = observed && nativeRequests.messages === undefined
    ? await loadSizes()
    : undefined;
  if (http.lightResponse && answerBy !== undefined) {
    const { installLight, ownResponse } = await loadLight();
    answerBy(ownResponse);
    installLight(globals, sizes?.SizedResponse);
  } else sizes?.installSizes(globals);
  await installWebGlobals();
}

/** True where some of the addresses speak TLS. */
function isSecure({ listeners }: Choice): boolean {
  return listeners.some(({ secure }) => secure);
}

/** The engine for an app. @throws AppError where the one that was asked for cannot serve it */
export function demandEngine(
  choice: Choice,
  runtime: Runtime,
  { style, text }: { readonly style: Style; readonly text: string },
): EngineName {
  const { workerClass } = choice;
  const engine = engineFor(choice, runtime, style);
  if (engine === "native" && style === "fetch" && isSecure(choice)) {
    throw new AppError(
      `Cannot serve "${text}" by TLS with the native engine: leave out --http native`,
    );
  }
  // Its node:http takes no sockets of TLS (2.9.5, DENO-HTTP-TLS).
  if (style === "node" && runtime.name === "deno" && isSecure(choice)) {
    throw new AppError(
      `Cannot serve "${text}" by TLS on deno: it is a Node listener (req, res); give --runtime node, or put a proxy before it`,
    );
  }
  const objection = workerClass.objection(engine, runtime, style);
  if (objection !== undefined) {
    throw new AppError(
      `Cannot serve "${text}" by ${workerClass.name} workers: ${objection}`,
    );
  }
  if (engine === "native" || style === "fetch") return engine;
  throw new AppError(
    `Cannot serve "${text}" with the wire engine: it is a Node listener (req, res), which only the native engine calls; leave out --http wire and the limits that ask for it`,
  );
}

/** Loads corn's own engine, and what it needs of the machine. */
async function loadWire(runtime: ServingRuntime) {
  const [engine, globals, light, transport] = await Promise.all([
    import("../http/engine/engine.ts"),
    import("../http/web/globals.ts"),
    loadLight(),
    runtime.loadTransport(),
  ]);
  return { ...engine, ...globals, ...light, transport };
}

/** What apps make their answers of, where that costs less than the runtime's own. */
const loadLight = () => import("../http/web/light-globals.ts");

/** How exchanges of native engines are seen. */
const loadObserving = () => import("../gateway/observe/exchange.ts");
const loadSizes = () => import("../gateway/observe/sized-response.ts");

/** Loads what any app may turn out to need: a user that this process becomes may not be let to read it. */
export async function loadEngines(
  choice: Choice,
  runtime: ServingRuntime,
  observed: boolean,
): Promise<void> {
  const native = [
    () => runtime.loadNative(),
    ...(observed ? [loadObserving, loadSizes] : []),
  ];
  const engines = new Set(
    (["fetch", "node"] as const).map((style) =>
      engineFor(choice, runtime, style)
    ),
  );
  if (engines.has("native")) await Promise.all(native.map((load) => load()));
  if (!engines.has("wire")) return;
  const { transport } = await loadWire(runtime);
  if (isSecure(choice)) await transport.prepareTls();
}

/** What an engine is made for. */
export interface EngineUse extends
  Pick<
    EngineOptions,
    "handler" | "report" | "onEnd" | "sockets" | "place" | "tls"
  > {
  /** The app as it was asked for. */
  readonly text: string;
  /** What is refused and what waits, which decides how many connections are let in. */
  readonly limits?: Pick<RequestLimits, "workerConnections" | "maxQueue">;
  readonly observer: ExchangeObserver | undefined;
  /** Which proxies are believed. */
  readonly rules?: ForwardingRules;
  /** Takes the requests that shall not come to the app. */
  readonly refusals?: Refusals;
}

/** Makes the engine that was chosen. @throws AppError where it cannot serve the app */
export async function createEngine(
  choice: Choice,
  runtime: ServingRuntime,
  use: EngineUse,
): Promise<Engine> {
  const { observer, refusals, rules, report, onEnd, sockets, place } = use;
  const tls = use.tls && { tls: use.tls };
  // It takes a list, and speaks all that it knows (2.9.5, DENO-TLS-CIPHERS).
  if (use.tls?.ciphers !== undefined && runtime.name === "deno") {
    throw new BootError(
      "Cannot choose ciphers on deno, which speaks all that it knows: leave out --ciphers, or give --runtime node",
    );
  }
  const { limits, proxyRules, serving } = choice.http;
  const { style } = use.handler;
  const engine = demandEngine(choice, runtime, { style, text: use.text });
  const fields = new FieldsAtHand(runtime);
  const observed = engine === "wire" || observer === undefined
    ? use.handler
    : (await loadObserving()).withExchange(use.handler, {
      ...{ observer, runtime, fields },
    });
  const trusting = rules !== undefined &&
    isTrusting(rules, choice.listeners, runtime);
  // At the outside, so that observers see the client too.
  const handler = rules === undefined || refusals === undefined || isIdle(rules)
    ? observed
    : withForwarding(observed, { runtime, rules, refusals, fields, trusting });
  if (engine === "native") {
    // The wire engine's parser sees to it itself.
    const checked = refusals === undefined
      ? handler
      : withTarget(handler, { runtime, refusals, fields, reads: trusting });
    const native = await runtime.loadNative();
    return await native.createEngine({
      ...serving,
      handler: checked,
      report,
      ...(onEnd && { onEnd }),
      ...(sockets && { sockets }),
      ...(place && { place }),
      ...tls,
      handshakeMs: limits.headerMs,
    });
  }
  const { createWireEngine, transport } = await loadWire(runtime);
  const { clock } = runtime;
  // Where some are to be refused, they must be let in for that.
  const { maxQueue = 0, workerConnections = 0 } = use.limits ?? {};
  const connections = maxQueue < Number.MAX_SAFE_INTEGER
    ? 0
    : workerConnections;
  return createWireEngine({
    ...serving,
    limits,
    ...(proxyRules && {
      proxyProtocol: {
        versions: proxyRules.versions,
        trusts: peerTest(proxyRules.allowFrom, { runtime }),
      },
    }),
    handler,
    report,
    observer,
    transport,
    clock,
    connections,
    ...(sockets && { sockets }),
    ...(place && { place }),
    ...tls,
  });
}

/** True when the chosen engine can serve on an inherited descriptor. */
export function servesDescriptors(
  choice: Choice,
  runtime: Runtime,
  style: Style,
): boolean {
  return engineFor(choice, runtime, style) === "wire" ||
    runtime.servesDescriptors(style);
}
