/** An engine that serves in this process. */
import { currentRuntime } from "../../adapters/mod.ts";
import type {
  Address,
  Engine,
  Listener,
  RequestHandler,
  Runtime,
  Source,
} from "../../src/runtime.ts";
import type { Target } from "./client.ts";

/** What to serve. */
export interface EngineQuery {
  readonly fetch?: RequestHandler["fetch"];
  readonly node?: RequestHandler["node"];
  readonly source: Source["kind"];
  readonly keepAliveMs?: number;
  readonly address?: Address;
}

/** An engine on a free address. */
export interface ServedEngine extends AsyncDisposable {
  readonly engine: Engine;
  readonly address: Address;
  readonly target: Target;
  /** What it reported. */
  readonly reports: readonly string[];
}

/** The runtime that runs this test. */
export const runtime: Runtime = await currentRuntime();

const ANY_PORT: Address = { kind: "tcp", host: "127.0.0.1", port: 0 };

/** node:net closes the descriptor that it was given, which must not be closed twice: these stay as they are. */
const kept: Listener[] = [];

/** The sources that an engine of the style can be given on this runtime. */
export function sourcesOf(style: RequestHandler["style"]): Source["kind"][] {
  return runtime.holdsListeners && runtime.servesDescriptors(style)
    ? ["descriptor", "address"]
    : ["address"];
}

/** Passes late answers on as a RequestHandler must. */
function finishing(fetch: RequestHandler["fetch"]): RequestHandler["fetch"] {
  return (request, env, finish) => {
    const answer = fetch(request, env);
    return answer instanceof Promise && finish ? answer.then(finish) : answer;
  };
}

/** Serves the face of the handler that is given. */
export async function serveEngine(query: EngineQuery): Promise<ServedEngine> {
  const { fetch, node, source, keepAliveMs = 1000, address = ANY_PORT } = query;
  const reports: string[] = [];
  await runtime.prepare();
  const engine = await runtime.engine({
    handler: {
      style: fetch === undefined ? "node" : "fetch",
      fetch: finishing(fetch ?? (() => new Response("unused"))),
      node: node ?? (() => {}),
    },
    keepAliveMs,
    backlog: 128,
    unixMode: 0o600,
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
  const opened = await engine.open(
    listener === undefined ? { kind: "address", address } : {
      kind: "descriptor",
      descriptor: listener.queues[0] as number,
      address: listener.address,
    },
  );
  return {
    engine,
    address: opened,
    target: opened.kind === "unix" ? { path: opened.path } : opened,
    reports,
    [Symbol.asyncDispose]() {
      engine.close();
      if (engine.name !== "node:http") listener?.close();
      else if (listener !== undefined) kept.push(listener);
      return Promise.resolve();
    },
  };
}
