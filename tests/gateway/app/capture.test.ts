import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { Capture, describeCapture } from "../../../src/gateway/app/capture.ts";
import { FakeServer } from "../../support/fake/server.ts";

const capture = suite("Capture");

function capturing(
  { allowed = [], insists = false }: {
    allowed?: readonly number[];
    insists?: boolean;
  } = {},
): Capture {
  return new Capture({ allowed, insists });
}

capture("onListen() holds the first server that speaks HTTP", async () => {
  const one = capturing();
  const server = new FakeServer(3000);
  assert.is(one.onListen(server), "hold");
  assert.is(one.server, server);
  await one.first;
});

capture("onListen() refuses what asks for another port besides", () => {
  const one = capturing();
  one.onListen(new FakeServer(3000));
  const verdict = one.onListen(new FakeServer(9464));
  assert.instance(verdict, Error);
  const { message, code, syscall, port } = verdict as Error & {
    code: string;
    syscall: string;
    port: number;
  };
  assert.equal([syscall, port], ["listen", 9464]);
  assert.match(
    message,
    "Cannot listen on port 9464: corn serves port 3000 in its place",
  );
  assert.match(message, "--allow-listen 9464 leaves it to the app");
  assert.is(code, "EACCES");
});

capture("onListen() refuses a port of what speaks no HTTP", () => {
  const verdict = capturing().onListen(new FakeServer(1883, { http: false }));
  assert.match(
    (verdict as Error).message,
    "Cannot listen on port 1883: each worker of corn would, and corn can serve HTTP/1.1 alone in its place",
  );
});

capture("onListen() names the call of what never speaks HTTP", () => {
  const server = new FakeServer(1883, { http: false, call: "Bun.listen" });
  assert.match(
    (capturing().onListen(server) as Error).message,
    "Cannot listen on port 1883 by Bun.listen: each worker of corn would, and corn can serve HTTP/1.1 alone in its place; --allow-listen 1883 leaves it to the app",
  );
});

capture(
  "onListen() lets a port that is allowed, and holds what comes then",
  () => {
    const one = capturing({ allowed: [9464] });
    assert.is(one.onListen(new FakeServer(9464)), "let");
    assert.is(one.onListen(new FakeServer(3000)), "hold");
  },
);

capture("onListen() lets a free port, unless the server is asked for", () => {
  const one = capturing();
  one.onListen(new FakeServer(0, { http: false }));
  assert.not.ok(one.letFree);
  assert.is(one.onListen(new FakeServer(0)), "let");
  assert.ok(one.letFree);
  const insisting = capturing({ insists: true });
  assert.is(insisting.onListen(new FakeServer(0)), "hold");
  assert.is(insisting.onListen(new FakeServer(0)), "let");
});

capture("onListen() holds a path where there is nothing else", () => {
  const one = capturing();
  assert.is(one.onListen(new FakeServer(undefined)), "hold");
  assert.is(one.onListen(new FakeServer(undefined)), "let");
});

capture("onListen() refuses more addresses of a server at a path", () => {
  const one = capturing();
  const portless = () => new FakeServer(undefined, { portless: true });
  one.onListen(new FakeServer(3000));
  const verdict = one.onListen(portless()) as Error & { code: string };
  assert.is(
    verdict.message,
    "Cannot listen on a port that is undefined: corn serves port 3000 in its place, and this one each worker would open",
  );
  assert.is(verdict.code, "EACCES");
  // The first is any server.
  assert.is(capturing().onListen(portless()), "hold");
});

capture("yield() does not say that a path it let is served", () => {
  const one = capturing();
  one.onListen(new FakeServer(undefined));
  assert.is(one.yield(), undefined);
  assert.is(one.server, undefined);
});

capture("yield() keeps a port closed and lets a path", () => {
  const port = capturing();
  const server = new FakeServer(3000);
  port.onListen(server);
  assert.is(port.yield(), server);
  assert.equal(server.calls, []);
  assert.ok(port.isBeside);
  const path = capturing();
  const other = new FakeServer(undefined);
  path.onListen(other);
  assert.is(path.yield(), undefined);
  assert.equal(other.calls, ["release"]);
  // One that listens later is let at once.
  assert.is(path.onListen(new FakeServer(undefined)), "let");
});

capture("yield() gives a server that is the export itself", () => {
  const one = capturing();
  const server = new FakeServer(undefined);
  one.onListen(server);
  assert.is(one.yield(server.app?.server), server);
  assert.not.ok(one.isBeside);
  assert.equal(server.calls, []);
  const none = capturing();
  assert.is(none.yield(undefined), undefined);
  assert.ok(none.isBeside);
});

capture(
  "describeCapture() says where a port is served, or that it is not",
  () => {
    const say = (server: FakeServer, exported: boolean) =>
      describeCapture(server, {
        text: "server.js",
        url: "http://127.0.0.1:8000",
        own: 8000,
        exported,
      });
    assert.is(
      say(new FakeServer(3000), false),
      "server.js listens itself: its port 3000 is served at http://127.0.0.1:8000",
    );
    assert.match(
      say(new FakeServer(443, { secure: true }), false),
      "as plain HTTP without its TLS",
    );
    assert.match(
      say(new FakeServer(3000), true),
      "the export is served, port 3000 is not opened (--allow-listen 3000 would)",
    );
    assert.is(
      say(new FakeServer(8000), true),
      "server.js exports its app and listens itself: the export is served, port 8000 is not opened",
    );
  },
);

capture.run();
