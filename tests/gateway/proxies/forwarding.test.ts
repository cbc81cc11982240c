import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { networkTest } from "../../../adapters/shared/sockets/networks.ts";
import type { App } from "../../../src/gateway/app/app.ts";
import { clientOf } from "../../../src/exchange/client.ts";
import {
  isIdle,
  isTrusting,
  withForwarding,
} from "../../../src/gateway/proxies/forwarding.ts";
import { Refusals } from "../../../src/gateway/proxies/refusals.ts";
import type { ForwardingRules } from "../../../src/gateway/proxies/forwarding-rules.ts";
import type { Peer, RequestHandler } from "../../../src/runtime/runtime.ts";
import type { ServingRuntime } from "../../../src/runtime/serving.ts";
import { Parser } from "../../../src/http/h1/parser.ts";
import { WireRequest } from "../../../src/http/web/request.ts";
import type { RequestExchange } from "../../../src/http/web/request.ts";
import { get, optionsWith } from "../../http/h1/read.ts";
import { anySeed, randomFrom } from "../../support/random.ts";

const forwarding = suite("Forwarding");

const RULES: ForwardingRules = {
  allow: ["10.0.0.0/8", "unix"],
  hops: 1,
  headers: ["x-forwarded-for"],
  secureSchemes: { "x-forwarded-proto": "https" },
  unbelieved: "keep",
};

/** What the app was called with. */
interface Seen {
  readonly status: number;
  readonly url: string;
  readonly peer: Peer | undefined;
  readonly headers: Record<string, string>;
}

interface Query {
  readonly peer?: Peer | undefined;
  readonly headers?: Record<string, string>;
  readonly url?: string;
  readonly rules?: Partial<ForwardingRules>;
  readonly on?: Needed;
  readonly trusting?: boolean;
}

const trusted: Peer = { kind: "tcp", address: "10.0.0.1", port: 1 };
const stranger: Peer = { kind: "tcp", address: "192.0.2.1", port: 2 };

type Needed = Pick<
  ServingRuntime,
  "networkTest" | "peerOf" | "showClient" | "fieldsOf"
>;

/** A runtime whose env is the peer. */
const runtime: Needed = {
  networkTest,
  peerOf: (_, env) => env as Peer | undefined,
  showClient: (_request, env, { client }) =>
    client === undefined ? env : client.kind === "tcp" ? client : undefined,
};

/** One that has the fields at hand as they were sent. */
const runtimeWithFields: Needed = {
  ...runtime,
  fieldsOf: (request) =>
    [...(request as Request).headers].flatMap(([name, value]) =>
      value.split(", ").flatMap((part) => [name.toUpperCase(), part])
    ),
};

/** Passes a request through, on runtimes of both kinds, whatever is asked for first. */
async function pass(query: Query): Promise<Seen> {
  const seen = await passOn({ on: runtime, ...query });
  for (const trusting of [false, true]) {
    const on = runtimeWithFields;
    assert.equal(await passOn({ on, trusting, ...query }), seen);
  }
  return seen;
}

async function passOn(query: Query & { readonly on: Needed }): Promise<Seen> {
  const { headers = {}, url = "http://a.example:8000/x?y", rules } = query;
  const reports: string[] = [];
  const refusals = new Refusals((text) => void reports.push(text));
  const seen: Omit<Seen, "status">[] = [];
  const app: App = {
    style: "fetch",
    call(request, env) {
      seen.push({
        url: request.url,
        peer: clientOf(request, () => env as Peer | undefined),
        headers: Object.fromEntries(request.headers),
      });
      assert.equal(seen[0]?.peer, env);
      return new Response();
    },
  };
  const inner: RequestHandler = {
    style: "fetch",
    fetch: (request, env) =>
      (refusals.wrap(app).call as (...args: unknown[]) => Response)(
        request,
        env,
      ),
    node() {},
  };
  const handler = withForwarding(inner, {
    runtime: query.on,
    rules: { ...RULES, ...rules },
    refusals,
    trusting: query.trusting ?? false,
  });
  const request = new Request(url, { headers });
  const { status } = await handler.fetch(
    request,
    "peer" in query ? query.peer : trusted,
  );
  assert.is(reports.length, status === 400 ? 1 : 0);
  const [one] = seen;
  return one === undefined
    ? { status, url: "", peer: undefined, headers: {} }
    : { status, ...one };
}

forwarding("a trusted peer tells client, scheme and host", async () => {
  const headers = {
    "x-forwarded-for": "203.0.113.7",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "b.example",
    "x-forwarded-port": "8443",
  };
  const { url, peer } = await pass({ headers });
  assert.is(url, "https://a.example:8000/x?y");
  assert.equal(peer, { kind: "tcp", address: "203.0.113.7", port: 0 });
  const all = await pass({
    headers,
    rules: {
      headers: ["x-forwarded-for", "x-forwarded-host", "x-forwarded-port"],
    },
  });
  assert.is(all.url, "https://b.example:8443/x?y");
});

forwarding("what comes twice is read as one list", async () => {
  const twice = { "x-forwarded-for": "198.51.100.1, 203.0.113.7" };
  const { peer } = await pass({ headers: twice });
  assert.equal(peer, { kind: "tcp", address: "203.0.113.7", port: 0 });
  const schemes = { "x-forwarded-proto": "http, https" };
  const { url, status } = await pass({ headers: schemes });
  assert.is(status, 200);
  assert.match(url, /^https:/);
});

forwarding("nobody is asked for where no header says anything", async () => {
  const peerOf = () => {
    throw new Error("The kernel was asked");
  };
  const headers = { host: "a.example", "x-forwarded-unknown": "1" };
  await passOn({ on: { ...runtime, peerOf }, headers });
});

forwarding("a stranger's fields are not asked for", async () => {
  const fieldsOf = () => {
    throw new Error("The fields were made");
  };
  const headers = { "x-forwarded-for": "203.0.113.7" };
  const on = { ...runtime, fieldsOf };
  assert.equal((await passOn({ on, headers, peer: stranger })).peer, stranger);
});

forwarding(
  "where most peers are trusted, the fields are asked for first",
  async () => {
    const peerOf = () => {
      throw new Error("The kernel was asked");
    };
    const headers = { host: "a.example", accept: "*/*" };
    const on = { ...runtimeWithFields, peerOf };
    const { status } = await passOn({ on, headers, trusting: true });
    assert.is(status, 200);
  },
);

forwarding("isTrusting() judges by the addresses that are served", () => {
  const trusting = (allow: string[], ...hosts: string[]) =>
    isTrusting(
      { allow },
      hosts.map((host) => ({
        address: host === "unix"
          ? { kind: "unix", path: "/run/corn.sock" }
          : { kind: "tcp", host, port: 80 },
      })),
      runtime,
    );
  assert.ok(trusting(["127.0.0.1", "unix"], "127.0.0.1", "unix"));
  assert.ok(trusting(["*"], "0.0.0.0"));
  assert.not(trusting(["127.0.0.1"], "127.0.0.1", "unix"));
  assert.not(trusting(["127.0.0.1"], "0.0.0.0"));
  assert.not(trusting([], "127.0.0.1"));
});

forwarding("a port that the scheme has anyway is left out", async () => {
  const url = async (headers: Record<string, string>) =>
    (await pass({
      headers,
      rules: { headers: ["x-forwarded-host", "x-forwarded-port"] },
    })).url;
  const https = { "x-forwarded-proto": "https" };
  assert.is(
    await url({ ...https, "x-forwarded-port": "443" }),
    "https://a.example/x?y",
  );
  assert.is(
    await url({ ...https, "x-forwarded-host": "B.example:443" }),
    "https://b.example/x?y",
  );
  assert.is(
    await url({ "x-forwarded-host": "[::1]:80" }),
    "http://[::1]/x?y",
  );
});

forwarding("a client that a proxy hides has no address", async () => {
  const { peer, status } = await pass({
    headers: { "x-forwarded-for": "unknown" },
    peer: { kind: "unix" },
  });
  assert.is(status, 200);
  assert.is(peer, undefined);
});

forwarding("what a proxy cannot have said is refused", async () => {
  const bad: Record<string, string>[] = [
    { "x-forwarded-for": "nobody" },
    { "x-forwarded-proto": "https", "x-forwarded-ssl": "off" },
  ];
  const rules = {
    secureSchemes: { "x-forwarded-proto": "https", "x-forwarded-ssl": "on" },
  };
  for (const headers of bad) {
    assert.is((await pass({ headers, rules })).status, 400);
    assert.is((await pass({ headers, rules, peer: stranger })).status, 200);
  }
});

forwarding("headers that are not believed can be removed", async () => {
  const headers = {
    "x-forwarded-for": "203.0.113.7",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "evil.example",
    "x-real-ip": "203.0.113.8",
    forwarded: "for=203.0.113.9",
    accept: "*/*",
  };
  const rules = { unbelieved: "remove" } as const;
  const one = await pass({ headers, rules });
  assert.equal(Object.keys(one.headers).sort(), [
    "accept",
    "x-forwarded-for",
    "x-forwarded-proto",
  ]);
  const other = await pass({ headers, rules, peer: stranger });
  assert.equal(Object.keys(other.headers), ["accept"]);
  const kept = await pass({ headers, peer: stranger });
  assert.is(kept.headers["x-forwarded-for"], "203.0.113.7");
});

forwarding("a stranger is never believed", async () => {
  const seed = anySeed();
  const random = randomFrom(seed);
  const pick = <Value>(values: readonly Value[]) =>
    values[Math.floor(random() * values.length)] as Value;
  const strangers: (Peer | undefined)[] = [
    stranger,
    { kind: "tcp", address: "::ffff:192.0.2.1", port: 3 },
    { kind: "tcp", address: "::a00:1", port: 3 },
    { kind: "tcp", address: "2001:db8::1", port: 3 },
    undefined,
  ];
  for (let round = 0; round < 2000; round++) {
    const headers = {
      "x-forwarded-for": pick(["10.0.0.1", "127.0.0.1", "::1", "10.0.0.1, "]),
      "x-forwarded-proto": pick(["https", "http", "https,http"]),
      "x-forwarded-host": pick(["evil.example", "a b"]),
      "x-forwarded-port": pick(["443", "x"]),
      forwarded: pick(["for=10.0.0.1;proto=https;host=evil", 'for="', "x"]),
    };
    const peer = pick(strangers);
    const unbelieved = pick(["keep", "remove"] as const);
    const seen = await pass({
      headers,
      peer,
      rules: {
        headers: [
          "x-forwarded-for",
          "x-forwarded-host",
          "x-forwarded-port",
          "forwarded",
        ],
        hops: pick([1, 2, 9]),
        unbelieved,
      },
    });
    const why = `${
      JSON.stringify({ headers, peer, unbelieved })
    }, seed ${seed}`;
    assert.is(seen.status, 200, why);
    assert.is(seen.url, "http://a.example:8000/x?y", why);
    assert.equal(seen.peer, peer, why);
  }
});

interface Message {
  readonly headers: Record<string, string>;
  readonly rawHeaders: string[];
}

/** Passes a message of node:http on; gives what is shown of its client. */
function listen(
  headers: Record<string, string>,
  { peer = trusted, rules, on = runtime, trusting = false }: Omit<
    Query,
    "headers" | "url"
  > = {},
) {
  const reports: string[] = [];
  const refusals = new Refusals((text) => void reports.push(text));
  const shown: unknown[] = [];
  const message: Message = {
    headers: { ...headers },
    rawHeaders: Object.entries(headers).flat(),
  };
  let called = 0;
  const handler = withForwarding({
    style: "node",
    fetch: () => new Response(),
    node: () => void called++,
  }, {
    runtime: {
      ...on,
      peerOf: () => peer,
      showClient: (_incoming, _outgoing, client) => void shown.push(client),
    } as Needed,
    rules: { ...RULES, ...rules },
    refusals,
    trusting,
  });
  handler.node(message, {});
  assert.is(called, 1);
  return { shown, reports, message };
}

forwarding("a listener is shown what a trusted peer tells", () => {
  const headers = {
    "host": "a.example:8000",
    "x-forwarded-for": "203.0.113.7",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "b.example",
    "x-forwarded-port": "8443",
  };
  const client = { kind: "tcp", address: "203.0.113.7", port: 0 };
  const named = ["x-forwarded-for", "x-forwarded-host", "x-forwarded-port"];
  const all = { rules: { headers: named as ForwardingRules["headers"] } };
  const atHand = (incoming: object) => (incoming as Message).rawHeaders;
  for (
    const on of [
      runtime,
      { ...runtime, fieldsOf: () => undefined },
      { ...runtime, fieldsOf: atHand },
    ]
  ) {
    for (const trusting of [false, true]) {
      assert.equal(listen(headers, { on, trusting }).shown, [
        { client, secure: true, host: undefined },
      ]);
      assert.equal(listen(headers, { ...all, on, trusting }).shown, [
        { client, secure: true, host: "b.example:8443" },
      ]);
      const alone = { "x-forwarded-port": "8443", "host": "a.example" };
      assert.equal(listen(alone, { ...all, on, trusting }).shown, [
        { client: undefined, secure: undefined, host: "a.example:8443" },
      ]);
      assert.equal(
        listen({ "x-forwarded-port": "81" }, { ...all, on, trusting }).shown,
        [{ client: undefined, secure: undefined, host: "localhost:81" }],
      );
      const silent = listen({ host: "a.example" }, { on, trusting });
      assert.equal(silent.shown, []);
      const other = listen(headers, { on, trusting, peer: stranger });
      assert.equal(other.shown, []);
      assert.equal(other.message.headers, headers);
    }
  }
});

forwarding("a listener is not asked for what contradicts itself", () => {
  const { shown, reports } = listen({ "x-forwarded-for": "nobody" });
  assert.equal(shown, []);
  assert.is(reports.length, 1);
});

forwarding("a listener sees no headers that are not believed", () => {
  const headers = {
    "x-forwarded-for": "203.0.113.7",
    "x-real-ip": "203.0.113.8",
    "accept": "*/*",
  };
  const rules = { unbelieved: "remove" } as const;
  const one = listen(headers, { rules });
  assert.equal(Object.keys(one.message.headers), ["x-forwarded-for", "accept"]);
  const other = listen(headers, { rules, peer: stranger });
  assert.equal(other.message, {
    headers: { accept: "*/*" },
    rawHeaders: ["accept", "*/*"],
  });
});

forwarding(
  "a stranger's certificate never comes as far as the app",
  async () => {
    const headers = { "client-cert": ":AAAA:", "x-forwarded-for": "10.0.0.1" };
    const rules = {
      headers: ["x-forwarded-for", "client-cert"],
    } as Pick<ForwardingRules, "headers">;
    const { status, headers: left } = await pass({
      headers,
      rules,
      peer: stranger,
    });
    assert.is(status, 200);
    assert.equal(Object.keys(left), ["x-forwarded-for"]);
  },
);

forwarding("isIdle() is true where there is nothing to do", () => {
  const idle = { ...RULES, allow: [] };
  assert.ok(isIdle(idle));
  assert.not.ok(isIdle(RULES));
  assert.not.ok(isIdle({ ...idle, unbelieved: "remove" }));
  assert.not.ok(isIdle({ ...idle, headers: ["client-cert"] }));
});

forwarding(
  "Node's own message in the env loses what the request does",
  async () => {
    const headers = { "x-real-ip": "203.0.113.8", "accept": "*/*" };
    const incoming = {
      headers: { ...headers },
      rawHeaders: Object.entries(headers).flat(),
    };
    const handler = withForwarding({
      style: "fetch",
      fetch: () => new Response(),
      node() {},
    }, {
      runtime: { ...runtime, peerOf: () => stranger },
      rules: { ...RULES, unbelieved: "remove" },
      refusals: new Refusals(() => {}),
    });
    const request = new Request("http://a.example/", { headers });
    await handler.fetch(request, { incoming });
    assert.equal(incoming.rawHeaders, ["accept", "*/*"]);
    assert.equal([...request.headers.keys()], ["accept"]);
  },
);

/** Passes a request of the wire engine on; gives what the app is called with. */
function wired(
  headers: Record<string, string>,
  { peer = trusted, unnamed = false, rules }: Pick<Query, "peer" | "rules"> & {
    unnamed?: boolean;
  } = {},
) {
  const parser = new Parser(optionsWith());
  const fields = Object.entries(headers).map((one) => one.join(": "));
  const head = get(...fields);
  parser.push(new TextEncoder().encode(head), 0);
  let asked = 0;
  const exchange = {
    head: parser.head,
    channel: { unnamed, peer: () => (asked++, peer) },
  } as unknown as RequestExchange & { request: WireRequest };
  const request = new WireRequest(exchange.head, undefined, exchange);
  (exchange as { request: WireRequest }).request = request;
  const refusals = new Refusals(() => {});
  const handler = withForwarding({
    style: "fetch",
    fetch: () => new Response(),
    node() {},
  }, {
    runtime: { ...runtime, fieldsOf: () => undefined },
    rules: { ...RULES, ...rules },
    refusals,
  });
  const app = request as unknown as Request;
  void handler.fetch(app, undefined);
  return {
    url: app.url,
    peer: clientOf(app, () => stranger),
    headers: [...app.headers.keys()],
    asked,
  };
}

forwarding("a request of the wire engine shows what a proxy tells", () => {
  const client = { kind: "tcp", address: "203.0.113.7", port: 0 } as const;
  const headers = {
    "X-Forwarded-For": "203.0.113.7",
    "x-forwarded-proto": "https",
  };
  const told = wired(headers);
  assert.is(told.url, "https://a/");
  assert.equal(told.peer, client);
  const hidden = wired({ "x-forwarded-for": "unknown" });
  assert.is(hidden.peer, undefined);
  for (const other of [{ peer: stranger }, { unnamed: true }]) {
    const { url, peer } = wired(headers, other);
    assert.is(url, "http://a/");
    assert.is(peer, stranger, "as the connection tells");
  }
  assert.is(wired({ accept: "*/*" }).asked, 0, "there is nothing to believe");
});

forwarding("a request of the wire engine loses what is not believed", () => {
  const headers = { "x-real-ip": "203.0.113.8", "accept": "*/*" };
  const rules = { unbelieved: "remove" } as const;
  assert.equal(wired(headers, { rules }).headers, ["accept", "host"]);
  const other = wired(headers, { rules, peer: stranger });
  assert.equal(other.headers, ["accept", "host"]);
});

forwarding.run();
