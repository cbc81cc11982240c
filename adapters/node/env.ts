/** The `env` of an app on Node: the messages of `node:http`, as `@hono/node-server` gives them. */
import type { Peer, ShownClient } from "../../src/runtime/runtime.ts";
import {
  clientKey,
  peerOfClient,
  peerOfIncoming,
  showInIncoming,
} from "../shared/sockets/peer.ts";
import type { ClientEnv } from "../shared/sockets/peer.ts";
import { addServerMembers, noteClient, serverKey } from "./server-env.ts";
import type { BunServer, ServerEnv } from "./server-env.ts";

interface Env {
  readonly incoming: { readonly rawHeaders?: readonly string[] };
  readonly outgoing: unknown;
}

type Shown = ShownClient & {
  readonly client: NonNullable<ShownClient["client"]>;
};

/** The messages of a request that came for another client; the wire engine makes them when they are asked for. */
class ShownEnv implements Env, ClientEnv {
  readonly #env: Env;
  readonly #shown: Shown;
  #incoming: Env["incoming"] | undefined;

  constructor(env: Env, shown: Shown) {
    this.#env = env;
    this.#shown = shown;
  }

  get incoming(): Env["incoming"] {
    if (this.#incoming === undefined) {
      this.#incoming = this.#env.incoming;
      showInIncoming(this.#incoming, this.#shown);
    }
    return this.#incoming;
  }

  get outgoing(): unknown {
    return this.#env.outgoing;
  }

  [clientKey](): Peer | undefined {
    return peerOfClient(this.#shown.client);
  }
}

/** The same with what apps call of `Bun.serve`'s server. */
class ShownServerEnv extends ShownEnv implements ServerEnv {
  readonly [serverKey]: BunServer;

  static {
    addServerMembers(this.prototype);
  }

  constructor(env: Env & ServerEnv, shown: Shown) {
    super(env, shown);
    this[serverKey] = env[serverKey];
  }
}

/** See `ServingRuntime.peerOf`. */
export function peerOf(request: unknown, env: unknown): Peer | undefined {
  const own = env as Partial<Env & ClientEnv>;
  return own[clientKey] === undefined
    ? peerOfIncoming(own.incoming ?? request)
    : own[clientKey](request);
}

/** See `ServingRuntime.showClient`. */
export function showClient(
  request: unknown,
  env: unknown,
  shown: ShownClient,
): unknown {
  const own = env as Partial<Env>;
  if (own.incoming === undefined) {
    showInIncoming(request, shown);
    return env;
  }
  const { client } = shown;
  if (client === undefined) return env;
  const seen = { ...shown, client };
  if (!(serverKey in own)) return new ShownEnv(env as Env, seen);
  noteClient(request as object, client);
  return new ShownServerEnv(env as Env & ServerEnv, seen);
}

/** See `ServingRuntime.fieldsOf`. */
export function fieldsOf(
  request: unknown,
  env: unknown,
): readonly string[] | undefined {
  const incoming = (env as Partial<Env>).incoming ?? request as Env["incoming"];
  return incoming.rawHeaders;
}

/** The messages behind a request, which `@hono/node-server` hands to the app. */
export function messages(
  env: unknown,
): readonly [incoming: unknown, outgoing: unknown] {
  const { incoming, outgoing } = env as {
    incoming: unknown;
    outgoing: unknown;
  };
  return [incoming, outgoing];
}
