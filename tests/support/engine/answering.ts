/** An app behind the gateway and an engine, in this process, and what it answers. */
import { createGateway } from "../../../src/gateway/call/gateway.ts";
import { Inflight } from "../../../src/gateway/call/inflight.ts";
import { RawClient } from "../client/client.ts";
import type { Answer, Ask } from "../client/client.ts";
import { serveEngine } from "./engine.ts";

/** What may be answered: the gateway checks it. */
type Call = (request: Request, env: unknown) => unknown;

/** A served app. */
export interface Answering extends AsyncDisposable {
  /** Asks on a connection of its own, to which the answer is the last. */
  ask(path: string, ask?: Ask): Promise<Answer>;
  /** Opens a connection that is closed with the app. */
  connect(): Promise<RawClient>;
  /** What was reported, by the gateway or the engine. */
  readonly reports: string[];
}

/** Serves an app with the engine that is tested. */
export async function answering(call: Call): Promise<Answering> {
  const failures: string[] = [];
  const gateway = createGateway(
    { style: "fetch", call: call as (request: unknown) => unknown },
    {
      inflight: new Inflight(() => 0),
      onBusy() {},
      onLimit() {},
      onFailure: (text) => void failures.push(text),
      maxRequests: 0,
      dev: false,
    },
  );
  const served = await serveEngine({ source: "address", fetch: gateway.fetch });
  const clients: RawClient[] = [];
  async function connect(): Promise<RawClient> {
    const client = await RawClient.connect(served.target);
    clients.push(client);
    return client;
  }
  return {
    connect,
    async ask(path, ask) {
      const client = await connect();
      const answer = await client.request(path, ask);
      client.close();
      return answer;
    },
    get reports() {
      return [...failures, ...served.reports];
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.close();
      await served[Symbol.asyncDispose]();
    },
  };
}
