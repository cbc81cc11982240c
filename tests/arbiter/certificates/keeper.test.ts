import { execFileSync } from "node:child_process";
import process from "node:process";
import { certificates as library } from "../../../adapters/shared/machine/certificates.ts";
import { CertificateKeeper } from "../../../src/arbiter/certificates/keeper.ts";
import type { KeptCertificates } from "../../../src/arbiter/certificates/kept.ts";
import { ConfigError, messageOf } from "../../../src/base/errors.ts";
import type { CornConfig } from "../../../src/config/table/types.ts";
import type { RuntimeName } from "../../../src/runtime/runtime.ts";
import { load } from "../../config/support.ts";
import * as assert from "../../support/assert.ts";
import { findProgram } from "../../support/machine/program.ts";
import { makeAuthority, makeCertificates } from "../../support/certificates.ts";
import type { Pair } from "../../support/certificates.ts";
import { FakeClock, FakeFiles } from "../../support/fake/runtime.ts";
import { suite } from "../../support/suite.ts";

const keeper = suite("CertificateKeeper", "openssl");

const made = makeCertificates();
const began = Date.now();

const DAY_MS = 86_400_000;
const CERT = "/tls/fullchain.pem";
const KEY = "/tls/privkey.pem";

/** A clock that begins now, as the certificates do. */
class Today extends FakeClock {
  override date(): Date {
    return new Date(began + this.now());
  }
}

/** A keeper whose files are those of a map. */
function begin(name: RuntimeName = "node", forbids = true) {
  const clock = new Today();
  const files = new FakeFiles();
  const log: string[] = [];
  const told: KeptCertificates[] = [];
  let coreDumps = true;
  const say = (level: string) => (text: string) => {
    log.push(`${level} ${text}`);
  };
  const keeper = new CertificateKeeper({
    runtime: {
      ...{ name, clock, files, certificates: library },
      forbidCoreDumps: () => {
        coreDumps = false;
        return forbids;
      },
    },
    log: {
      info: say("info"),
      warning: say("warning"),
      error: say("error"),
      debug: say("debug"),
    },
    tell(kept, done) {
      told.push(kept);
      done?.();
    },
  });
  return {
    ...{ clock, files, keeper, log, told },
    coreDumps: () => coreDumps,
    put(pair: Partial<Pair>) {
      if (pair.cert !== undefined) files.texts.set(CERT, pair.cert);
      if (pair.key !== undefined) files.texts.set(KEY, pair.key);
    },
    async open(more: CornConfig = {}) {
      const config = await load({
        options: { certfile: CERT, keyfile: KEY, ...more },
      });
      return keeper.open(config, name);
    },
    async openFor(workers: RuntimeName, more: CornConfig = {}) {
      const config = await load({
        options: { certfile: CERT, keyfile: KEY, ...more },
      });
      return keeper.open(config, workers);
    },
  };
}

/** The same with what most tests begin with. */
async function served(more?: CornConfig) {
  const site = begin();
  site.put(made.server);
  const kept = await site.open(more);
  assert.ok(kept);
  return { ...site, kept: kept as KeptCertificates };
}

async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    assert.instance(error, ConfigError, messageOf(error));
    return messageOf(error);
  }
  throw new Error("Nothing was refused");
}

keeper(
  "open() reads what workers are given, and forbids core dumps",
  async () => {
    const { kept, clock, coreDumps, log } = await served();
    assert.is(kept.material.cert, made.server.cert);
    assert.is(kept.material.key, made.server.key);
    assert.equal(kept.material.names, []);
    assert.is(kept.material.clientCertificates, "none");
    assert.is(kept.material.minVersion, "1.2");
    assert.is(atob(kept.material.ticketKeys ?? "").length, 48);
    assert.equal(kept.certificates.map(({ name }) => name), ["localhost"]);
    assert.is(coreDumps(), false);
    assert.equal(log, []);
    assert.equal(clock.due(), [10_000]);
  },
);

keeper("where core dumps cannot be forbidden that is said once", async () => {
  const site = begin("node", false);
  site.put(made.server);
  await site.open();
  await site.open({ tlsMinVersion: "1.3" });
  assert.equal(site.log, [
    "warning Core dumps cannot be turned off here: one of a worker would hold the key of its certificate",
  ]);
});

keeper("without a certificate it does nothing at all", async () => {
  const { keeper: one, clock, coreDumps } = begin();
  assert.is(one.open(await load(), "node"), undefined);
  assert.equal(clock.due(), []);
  assert.is(coreDumps(), true);
});

keeper(
  "the key may be in the certificate's file, behind anything",
  async () => {
    const site = begin();
    site.put({ cert: `a word\n${made.server.key}${made.server.cert}` });
    const kept = await site.open({ keyfile: undefined });
    assert.is(kept?.material.cert, made.server.cert);
    assert.is(kept?.material.key, made.server.key);
  },
);

keeper("names, client authorities and limits go along", async () => {
  const site = begin();
  site.put(made.server);
  site.files.texts.set("/tls/other.pem", made.other.cert + made.other.key);
  site.files.texts.set("/tls/ca.pem", made.ca);
  const kept = await site.open({
    sni: "Other.example=/tls/other.pem",
    caCerts: "/tls/ca.pem",
    certReqs: "required",
    tlsMinVersion: "1.3",
    ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256",
  });
  assert.equal(kept?.material.names, [{
    name: "other.example",
    ...made.other,
  }]);
  assert.is(kept?.material.ca, made.ca);
  assert.is(kept?.material.clientCertificates, "required");
  assert.is(kept?.material.minVersion, "1.3");
  assert.is(kept?.material.ciphers, "ECDHE-ECDSA-AES128-GCM-SHA256");
  assert.equal(
    kept?.certificates.map(({ name }) => name),
    ["localhost", "other.example"],
  );
});

keeper("workers on Bun and Deno get no keys for tickets", async () => {
  const site = begin("bun");
  site.put(made.server);
  const config = await load({ options: { certfile: CERT, keyfile: KEY } });
  const kept = site.keeper.open(config, "bun");
  assert.is(kept?.material.ticketKeys, undefined);
});

const ENCRYPTED = findProgram("openssl") === undefined ? "" : execFileSync(
  "openssl",
  ["pkey", "-aes256", "-passout", "pass:secret"],
  { input: made.server.key, encoding: "utf8" },
);

const broken: readonly [string, Partial<Pair>, RegExp][] = [
  [
    "no file",
    {},
    /Cannot use certfile "\/tls\/fullchain\.pem" from serve\(\): no such file$/,
  ],
  [
    "no key",
    { cert: made.server.cert },
    /Cannot use keyfile .*: no such file$/,
  ],
  [
    "an empty certificate",
    { ...made.server, cert: "" },
    /Cannot use certfile .*: it holds no certificate in PEM$/,
  ],
  [
    "a key in place of the certificate",
    { cert: made.server.key, key: made.server.key },
    /Cannot use certfile .*: it holds a private key and no certificate in PEM$/,
  ],
  [
    "a certificate in place of the key",
    { cert: made.server.cert, key: made.server.cert },
    /Cannot use keyfile .*: it holds a certificate and no private key in PEM$/,
  ],
  [
    "DER",
    { ...made.server, cert: "0\u0082\u0001" },
    /it is no PEM but DER; convert it with openssl x509 -inform DER -in \/tls\/fullchain\.pem -out FILE$/,
  ],
  [
    "half a certificate",
    { ...made.server, cert: made.server.cert.slice(0, 300) },
    /Cannot use certfile .*: it holds no certificate in PEM$/,
  ],
  [
    "a certificate of nothing",
    {
      ...made.server,
      cert: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    },
    /Cannot use certfile .*: certificate 1 in it cannot be read: ./,
  ],
  [
    "a key of nothing",
    {
      ...made.server,
      key: "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    },
    /Cannot use keyfile .*: the key cannot be read: ./,
  ],
  [
    "an encrypted key",
    { ...made.server, key: ENCRYPTED },
    /Cannot use keyfile .*: the key is encrypted; decrypt it with openssl pkey -in \/tls\/privkey\.pem -out FILE$/,
  ],
  [
    "another key",
    made.wrongKey,
    /Cannot use keyfile .*: the key does not fit the certificate in \/tls\/fullchain\.pem$/,
  ],
  [
    "the chain first",
    { ...made.server, cert: made.ca + made.server.cert },
    /Cannot use keyfile .*: the key fits certificate 2 in \/tls\/fullchain\.pem, which must stand first there$/,
  ],
];

for (const [what, pair, reason] of broken) {
  keeper(`open() refuses ${what}`, async () => {
    const site = begin();
    site.put(pair);
    const said = await refusal(site.open());
    assert.match(said, reason);
    assert.not.match(said, "PRIVATE KEY-----");
    site.keeper.closeOthers([]);
    assert.equal(site.clock.due(), []);
  });
}

keeper("open() says which name or authority is broken", async () => {
  const site = begin();
  site.put(made.server);
  site.files.texts.set("/tls/other.pem", made.other.cert);
  assert.match(
    await refusal(site.open({ sni: "a.example=/tls/other.pem" })),
    /^Cannot use sni "a\.example=\/tls\/other\.pem" from serve\(\): \/tls\/other\.pem: it holds no private key, give keyfile$/,
  );
  site.files.failures.set(
    "readText /tls/other.pem",
    Object.assign(new Error("no"), { code: "EACCES" }),
  );
  assert.match(
    await refusal(site.open({ caCerts: "/tls/other.pem" })),
    /^Cannot use caCerts "\/tls\/other\.pem" from serve\(\): permission denied, this user may not read it$/,
  );
});

keeper("open() refuses ciphers that nobody knows", async () => {
  const site = begin(runtimeHere());
  site.put(made.server);
  assert.match(
    await refusal(site.open({ ciphers: "NONSENSE" })),
    runtimeHere() === "deno"
      ? /^Cannot use ciphers "NONSENSE" from serve\(\): deno speaks all that it knows/
      : /^Cannot use ciphers "NONSENSE" from serve\(\): no cipher of this runtime has such a name$/,
  );
  assert.match(
    await refusal(site.openFor("deno", { ciphers: "HIGH" })),
    /^Cannot use ciphers "HIGH" .*: deno speaks all that it knows, leave it out or give --runtime node$/,
  );
});

function runtimeHere(): RuntimeName {
  if ("bun" in process.versions) return "bun";
  return "deno" in process.versions ? "deno" : "node";
}

keeper("a pair that changes is told, once", async () => {
  const { put, clock, kept, told, log } = await served();
  put(made.renewed);
  clock.pass(10_000);
  assert.is(told.length, 1);
  assert.is(told[0], kept);
  assert.is(kept.material.cert, made.renewed.cert);
  const until = kept.certificates[0]?.until.toISOString().slice(0, 10);
  assert.equal(log, [
    `info Certificate of localhost renewed: until ${until}`,
  ]);
  clock.pass(60_000);
  assert.is(told.length, 1);
});

keeper(
  "a pair of which half is written is looked at again in a second",
  async () => {
    const { put, clock, kept, log } = await served();
    put({ cert: made.other.cert });
    clock.pass(10_000);
    assert.is(kept.material.cert, made.server.cert);
    assert.equal(log, []);
    put(made.other);
    clock.pass(1000);
    assert.is(kept.material.cert, made.other.cert);
    assert.is(log.length, 1);
    assert.match(log[0] ?? "", /^info Certificate of other\.example renewed/);
    // What was wrong before has nothing to do with the next half of one.
    put({ cert: made.server.cert });
    clock.pass(10_000);
    put(made.other);
    clock.pass(1000);
    put({ cert: made.server.cert });
    clock.pass(10_000);
    assert.is(log.length, 1);
  },
);

keeper(
  "one of several pairs that is broken is looked at again soon",
  async () => {
    const { put, clock, files, open, log } = await served();
    files.texts.set("/tls/other.pem", made.other.cert + made.other.key);
    await open({ certfile: "/tls/other.pem", keyfile: undefined });
    put({ cert: made.other.cert });
    clock.pass(10_000);
    assert.equal(clock.due(), [11_000]);
    put(made.server);
    clock.pass(1000);
    assert.equal([clock.due(), log], [[21_000], []]);
  },
);

keeper(
  "of a broken pair the log hears once, and the old one stays",
  async () => {
    const { put, clock, kept, told, log } = await served();
    put(made.wrongKey);
    clock.pass(10_000);
    clock.pass(1000);
    clock.pass(3_600_000);
    assert.equal(log, [
      'warning Certificates not renewed, the old ones stay: Cannot use keyfile "/tls/privkey.pem" from serve(): the key does not fit the certificate in /tls/fullchain.pem',
    ]);
    assert.is(told.length, 0);
    assert.is(kept.material.key, made.server.key);
    put({ key: "" });
    clock.pass(20_000);
    assert.is(log.length, 2);
    assert.match(log[1] ?? "", /it holds no private key in PEM$/);
    put(made.renewed);
    clock.pass(10_000);
    assert.is(told.length, 1);
    assert.match(log[2] ?? "", /^info Certificate of localhost renewed/);
  },
);

keeper("what is wrong in another way at each look is said, once", async () => {
  const { put, clock, kept, log } = await served();
  const faults: Partial<Pair>[] = [
    made.wrongKey,
    { cert: made.server.cert, key: "" },
    { cert: "", key: made.server.key },
  ];
  for (let look = 0; look < 30; look++) {
    put(faults[look % faults.length] as Partial<Pair>);
    clock.pass(look === 0 ? 10_000 : 1000);
  }
  assert.is(log.length, 1, log.join("\n"));
  assert.match(log[0] ?? "", /^warning .*: it holds no private key in PEM$/);
  assert.is(kept.material.key, made.server.key);
  // What stays is what is wrong.
  clock.pass(10_000);
  assert.is(log.length, 2);
  assert.match(log[1] ?? "", /it holds no certificate/);
});

keeper("a file that is gone for a while is no matter", async () => {
  const { files, put, clock, told, log } = await served();
  files.texts.delete(CERT);
  clock.pass(10_000);
  put(made.server);
  clock.pass(60_000);
  assert.equal(log, []);
  assert.is(told.length, 0);
});

keeper("each reload reads at once, and says what is wrong", async () => {
  const { put, open, kept, told, log } = await served();
  put(made.renewed);
  assert.is(await open(), kept);
  assert.is(told.length, 1);
  assert.is(kept.material.cert, made.renewed.cert);
  put(made.wrongKey);
  assert.is(await open(), kept);
  assert.match(log[1] ?? "", /^warning Certificates not renewed/);
  assert.is(await open(), kept);
  assert.match(log[2] ?? "", /^warning Certificates not renewed/);
  assert.is(log.length, 3);
});

keeper(
  "other files are other certificates, until the old ones go",
  async () => {
    const { files, keeper: one, open, kept, clock } = await served();
    files.texts.set("/tls/other.pem", made.other.cert + made.other.key);
    const next = await open({ certfile: "/tls/other.pem", keyfile: undefined });
    assert.is.not(next, kept);
    one.closeOthers([kept, next as KeptCertificates]);
    files.texts.set(CERT, made.renewed.cert);
    files.texts.set(KEY, made.renewed.key);
    clock.pass(10_000);
    assert.is(kept.material.cert, made.renewed.cert);
    one.closeOthers([]);
    assert.equal(clock.due(), []);
  },
);

keeper(
  "an ended one is served where there is no other, and takes no place",
  async () => {
    const site = begin();
    site.put(made.expired);
    await site.open();
    assert.match(
      site.log[0] ?? "",
      /^error Certificate of localhost has ended on \d{4}-\d\d-\d\d: clients refuse it, renew \/tls\/fullchain\.pem$/,
    );
    const { put, clock, kept, log } = await served();
    put(made.expired);
    clock.pass(10_000);
    clock.pass(1000);
    assert.is(kept.material.cert, made.server.cert);
    assert.match(
      log[0] ?? "",
      /^warning Certificates not renewed, the old ones stay: that of localhost in \/tls\/fullchain\.pem ended on /,
    );
  },
);

keeper(
  "a chain that does not hang together takes no place either",
  async () => {
    const { put, clock, kept, log } = await served();
    put({ ...made.renewed, cert: made.renewed.cert + made.other.cert });
    clock.pass(11_000);
    clock.pass(10_000);
    assert.is(kept.material.cert, made.server.cert);
    assert.match(
      log[0] ?? "",
      /certificate 2 in \/tls\/fullchain\.pem, of other\.example, has not signed the one before it$/,
    );
    put({ ...made.renewed, cert: made.renewed.cert + made.ca });
    clock.pass(10_000);
    assert.is(kept.material.cert, made.renewed.cert + made.ca);
  },
);

keeper("its end is said 14 days before, once a day", async () => {
  const { clock, log } = await served();
  clock.pass(15 * DAY_MS);
  assert.equal(log, []);
  clock.pass(3 * DAY_MS);
  assert.match(
    log[0] ?? "",
    /^warning Certificate of localhost ends on \d{4}-\d\d-\d\d, in 14 days: renew \/tls\/fullchain\.pem$/,
  );
  assert.ok(log.length >= 2 && log.length <= 3, log.join("\n"));
  clock.pass(15 * DAY_MS);
  assert.match(
    log.at(-1) ?? "",
    /^error Certificate of localhost has ended on /,
  );
  assert.ok(log.length <= 19, log.join("\n"));
});

keeper("keys for tickets are renewed each 12 hours", async () => {
  const { clock, kept, told, log } = await served();
  const { ticketKeys } = kept.material;
  clock.pass(11 * 3_600_000);
  assert.is(kept.material.ticketKeys, ticketKeys);
  clock.pass(2 * 3_600_000);
  assert.is.not(kept.material.ticketKeys, ticketKeys);
  assert.is(told.length, 1);
  assert.equal(log, []);
});

keeper(
  "keys for tickets are renewed with those that vouch for clients, and not with a certificate",
  async () => {
    const site = begin();
    site.put(made.server);
    site.files.texts.set("/tls/ca.pem", made.ca);
    const kept = await site.open({ caCerts: "/tls/ca.pem" });
    const keys = kept?.material.ticketKeys;
    site.put(made.renewed);
    site.clock.pass(10_000);
    assert.is(kept?.material.cert, made.renewed.cert);
    assert.is(kept?.material.ticketKeys, keys);
    site.files.texts.set("/tls/ca.pem", makeAuthority("Another CA").cert);
    site.clock.pass(10_000);
    assert.is.not(kept?.material.ca, made.ca);
    assert.is.not(kept?.material.ticketKeys, keys);
  },
);

keeper.run();
