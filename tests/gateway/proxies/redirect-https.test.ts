import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import type {
  App,
  AppContext,
  FetchApp,
  NodeApp,
} from "../../../src/gateway/app/app.ts";
import { withRedirect } from "../../../src/gateway/proxies/redirect-https.ts";
import type { Peer } from "../../../src/runtime/runtime.ts";
import { FakeOutgoing } from "../call/outgoing.ts";

const redirect = suite("withRedirect()");

const tcp: Peer = { kind: "tcp", address: "192.0.2.1", port: 1 };
const unix: Peer = { kind: "unix" };

/** Asks a fetch app; tells where it is sent to, or what it says. */
async function ask(
  url: string,
  { peer = tcp, host = true, port = 443 }: {
    peer?: Peer;
    host?: boolean;
    port?: number;
  } = {},
) {
  const app = withRedirect(
    { style: "fetch", call: () => new Response("app") } as App,
    { port, peerOf: (_request, env) => env as Peer },
  );
  const request = new Request(url);
  const headers = new Headers(host ? { host: new URL(url).host } : {});
  Object.defineProperty(request, "headers", { value: headers });
  const answer = await (app.call as FetchApp)(
    request,
    peer,
    {} as AppContext,
  ) as Response;
  return [
    answer.status,
    answer.headers.get("location") ?? await answer.text(),
  ];
}

redirect("clients without TLS are sent to the same by https", async () => {
  assert.equal(await ask("http://a.example/x?y"), [
    308,
    "https://a.example/x?y",
  ]);
  assert.equal(await ask("http://a.example:8000/", { port: 8443 }), [
    308,
    "https://a.example:8443/",
  ]);
});

redirect("those by https, or by a unix socket, are the app's", async () => {
  assert.equal(await ask("https://a.example/"), [200, "app"]);
  assert.equal(await ask("http://a.example/", { peer: unix }), [200, "app"]);
});

redirect("one that names no host is refused", async () => {
  assert.equal(await ask("http://localhost/", { host: false }), [
    400,
    "Bad Request\n",
  ]);
});

redirect("a listener's clients are sent there, too", () => {
  const app = withRedirect({ style: "node", call: () => "app" } as App, {
    port: 8443,
    peerOf: (_, outgoing) => (outgoing as { peer?: Peer }).peer ?? tcp,
  });
  const listen = (
    { host, encrypted = false, peer }: {
      host?: string;
      encrypted?: boolean;
      peer?: Peer;
    },
  ) => {
    const outgoing = Object.assign(new FakeOutgoing(), { peer });
    const answer = (app.call as NodeApp)(
      { url: "/x?y", headers: { host }, socket: { encrypted } },
      outgoing,
    );
    return answer ?? [outgoing.statusCode, outgoing.headers.get("location")];
  };
  const host = "a.example";
  assert.equal(listen({ host }), [308, "https://a.example:8443/x?y"]);
  assert.equal(listen({}), [400, undefined]);
  assert.is(listen({ host, encrypted: true }), "app");
  assert.is(listen({ host, peer: unix }), "app");
});

redirect.run();
