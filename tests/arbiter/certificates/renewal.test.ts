import type {
  BootMessage,
  TlsMessage,
} from "../../../src/protocol/messages.ts";
import { findRefusals } from "../../../src/cli/preflight.ts";
import { namesOf } from "../../../src/arbiter/generations/names.ts";
import * as assert from "../../support/assert.ts";
import { makeCertificates } from "../../support/certificates.ts";
import type { Pair } from "../../support/certificates.ts";
import type { FakeChild } from "../../support/fake/process.ts";
import { suite } from "../../support/suite.ts";
import { build, configOf } from "../site.ts";
import type { Site } from "../site.ts";

const renewal = suite("renewal", "openssl");

const made = makeCertificates();
const TLS = {
  certfile: "/tls/a.pem",
  keyfile: "/tls/a.key",
  bind: ["http://127.0.0.1:80", "https://127.0.0.1:443", "unix:/run/a.sock"],
  redirectHttps: true,
};

function put({ runtime }: Site, { cert, key }: Pair): void {
  runtime.files.texts.set("/tls/a.pem", cert);
  runtime.files.texts.set("/tls/a.key", key);
}

/** The certificate that a worker ends with, by all that it was told in turn. */
function certificateOf({ messages }: FakeChild): string | undefined {
  let last: string | undefined;
  for (const message of messages) {
    if (message.type === "boot") last = (message as BootMessage).tls?.cert;
    if (message.type === "tls") last = (message as TlsMessage).material.cert;
  }
  return last;
}

const HELLO = { type: "hello", runtime: "node", version: "24.0.0" };

async function start(): Promise<Site> {
  const site = await build(TLS);
  put(site, made.server);
  await site.arbiter.prepare();
  site.arbiter.start();
  return site;
}

renewal("a boot message says where TLS is spoken, and with what", async () => {
  const { runtime: { children } } = await start();
  children[0]?.say(HELLO);
  const boot = children[0]?.messages[0] as BootMessage;
  assert.equal(boot.listeners.map(({ secure }) => secure), [
    undefined,
    true,
    undefined,
  ]);
  assert.is(boot.tls?.cert, made.server.cert);
  assert.is(boot.tls?.key, made.server.key);
  assert.equal(boot.plan.http.redirectHttps, { port: 443 });
  assert.not.match(JSON.stringify(boot.plan), "PRIVATE KEY");
});

renewal("every worker has the newest, whenever it boots", async () => {
  const site = await start();
  const { runtime: { children, clock } } = site;
  const [before, meanwhile] = children as [FakeChild, FakeChild];
  before.boot();
  put(site, made.renewed);
  clock.pass(10_000);
  // The renewal came between its start and its hello.
  meanwhile.boot();
  put(site, made.other);
  clock.pass(10_000);
  assert.is(children.length, 2);
  for (const child of children) {
    assert.is(certificateOf(child), made.other.cert);
  }
});

renewal(
  "the log says it once the workers have it, or seem not to get it",
  async () => {
    const site = await start();
    const { runtime: { children, clock } } = site;
    const [one, two] = children as [FakeChild, FakeChild];
    for (const child of children) child.boot();
    const said = () => site.log().filter((line) => /renewed/.test(line)).length;
    const rekey = ({ messages }: FakeChild) => {
      const { id } = messages.at(-1) as TlsMessage;
      return { type: "rekeyed", id };
    };
    put(site, made.renewed);
    clock.pass(10_000);
    one.say(rekey(one));
    assert.is(said(), 0);
    two.say(rekey(two));
    assert.is(said(), 1);
    put(site, made.other);
    clock.pass(10_000);
    one.say(rekey(one));
    assert.is(said(), 1);
    clock.pass(5000);
    assert.is(said(), 2);
  },
);

renewal("a worker that ends meanwhile is not waited for", async () => {
  const site = await start();
  const { runtime: { children, clock } } = site;
  for (const child of children) child.boot();
  put(site, made.renewed);
  clock.pass(10_000);
  const said = () => site.log().filter((line) => /renewed/.test(line)).length;
  children[0]?.exit({ code: 0 });
  assert.is(said(), 0);
  children[1]?.exit({ code: 0 });
  assert.is(said(), 1);
});

renewal(
  "a reload gives the newest to workers of both generations",
  async () => {
    const site = await start();
    const { runtime: { children, clock } } = site;
    for (const child of [...children]) child.boot();
    put(site, made.renewed);
    const end = site.arbiter.reload();
    end.catch(() => {});
    await Promise.resolve();
    for (let turn = 0; turn < 20 && children.length < 3; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    assert.is(children.length, 3);
    // Renewed again while the new one boots.
    put(site, made.other);
    clock.pass(10_000);
    children[2]?.boot();
    for (const child of children.slice(0, 3)) {
      assert.is(certificateOf(child), made.other.cert);
    }
  },
);

renewal("a reload with a broken pair goes on with the old one", async () => {
  const site = await start();
  const { runtime: { children } } = site;
  for (const child of [...children]) child.boot();
  put(site, made.wrongKey);
  site.arbiter.reload().catch(() => {});
  for (let turn = 0; turn < 20 && children.length < 3; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  children[2]?.boot();
  assert.is(certificateOf(children[2] as FakeChild), made.server.cert);
  assert.ok(site.log().some((line) => line.includes("the old ones stay")));
});

renewal(
  "a start with a broken pair is refused, and opens nothing",
  async () => {
    const site = await build(TLS);
    put(site, made.wrongKey);
    try {
      await site.arbiter.prepare();
      assert.unreachable("it was opened");
    } catch (error) {
      assert.match(
        (error as Error).message,
        /^Cannot use keyfile .* the key does not fit the certificate/,
      );
    }
    assert.not.ok(site.runtime.listeners.some(({ open }) => open));
    assert.equal(site.runtime.clock.due(), []);
  },
);

renewal("addresses are said as they are spoken to", async () => {
  const site = await start();
  site.runtime.children[0]?.boot();
  assert.equal(site.arbiter.view.addresses(), [
    "http://127.0.0.1:80",
    "https://127.0.0.1:443",
    "unix:/run/a.sock",
  ]);
  const said = site.log().filter((line) => line.includes("Listening at"));
  assert.match(said.join("\n"), /Listening at https:\/\/127\.0\.0\.1:443 /);
});

renewal("--check-config says what is wrong with a pair", async () => {
  const site = await build(TLS);
  const { runtime } = site;
  const config = await configOf(TLS);
  const names = namesOf(runtime, "file:///corn/worker.ts");
  put(site, made.wrongKey);
  const [refused, ...others] = await findRefusals(config, runtime, names);
  assert.match(refused?.message ?? "", /the key does not fit/);
  assert.equal(others, []);
});

renewal.run();
