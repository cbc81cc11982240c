import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { failure, load, loadFile } from "../support.ts";

const tls = suite("checkTls");

const CERTIFIED = { certfile: "a.pem", keyfile: "a.key" };

tls(
  "a certificate makes no engine of auto, and native is refused",
  async () => {
    const { settings } = await loadFile(CERTIFIED);
    assert.is(settings.http, "auto");
    await loadFile({ ...CERTIFIED, http: "wire" });
    assert.match(
      (await failure(loadFile({ ...CERTIFIED, http: "native" }))).message,
      /^Cannot use certfile "\/srv\/a\.pem" from corn\.config\.ts: TLS is spoken by the wire engine, and --http native is from corn\.config\.ts: leave that out$/,
    );
  },
);

tls("paths begin in the working folder", async () => {
  const { settings } = await loadFile({
    ...CERTIFIED,
    caCerts: "ca.pem",
    sni: ["b.example=tls/b.pem:/etc/b.key", "c.example=c.pem"],
  });
  assert.is(settings.certfile, "/srv/a.pem");
  assert.is(settings.keyfile, "/srv/a.key");
  assert.is(settings.caCerts, "/srv/ca.pem");
  assert.equal(settings.sni, [
    { name: "b.example", certfile: "/srv/tls/b.pem", keyfile: "/etc/b.key" },
    { name: "c.example", certfile: "/srv/c.pem", keyfile: undefined },
  ]);
});

const without: readonly [object, RegExp][] = [
  [{ keyfile: "a.key" }, /Cannot use keyfile "\/srv\/a\.key"/],
  [{ sni: "a.example=a.pem" }, /Cannot use sni "a\.example=\/srv\/a\.pem"/],
  [{ caCerts: "ca.pem" }, /Cannot use caCerts/],
  [{ certReqs: "none" }, /Cannot use certReqs "none"/],
  [{ ciphers: "HIGH" }, /Cannot use ciphers "HIGH"/],
  [{ tlsMinVersion: "1.3" }, /Cannot use tlsMinVersion 1\.3/],
  [{ redirectHttps: true }, /Cannot use redirectHttps "true"/],
];

for (const [content, begins] of without) {
  tls(`without a certificate ${Object.keys(content)} is refused`, async () => {
    const { message } = await failure(loadFile(content));
    assert.match(message, begins);
    assert.match(message, /: there is no certificate, give --certfile too$/);
  });
}

tls("https:// without a certificate is refused", async () => {
  assert.match(
    (await failure(loadFile({ bind: "https://:8443" }))).message,
    /^Cannot use bind "https:\/\/0\.0\.0\.0:8443" from corn\.config\.ts: there is no certificate for it, give --certfile$/,
  );
  await loadFile({ bind: "http://:8080" });
  await load({ env: { CORN_REDIRECT_HTTPS: "false" } });
});

const refused: readonly [string, object, RegExp][] = [
  [
    "on unix sockets alone",
    { bind: "unix:/run/a.sock" },
    /every address is a unix socket, which stays plain: give a TCP address, such as \S+ https:\/\/0\.0\.0\.0:8443$/,
  ],
  [
    "on http:// alone",
    { bind: ["http://:80", "unix:/run/a.sock"] },
    /every address is http:\/\/: give one with https:\/\//,
  ],
  [
    "that clients must match, with nobody to sign theirs",
    { certReqs: "required" },
    /Cannot use certReqs "required" .*: nothing says who signs the clients' certificates: give --ca-certs$/,
  ],
  [
    "of a name that is given twice",
    { sni: ["a.example=/a.pem", "A.example=/b.pem"] },
    /Cannot use sni "a\.example" .*: the name is given twice/,
  ],
  [
    "with a redirect from nowhere",
    { redirectHttps: true },
    /no address is plain: give --bind http:\/\/HOST:PORT beside the others/,
  ],
  [
    "on an address that is plain too",
    { bind: ["https://:80", "http://:80"] },
    /Cannot use bind "http:\/\/0\.0\.0\.0:80" .*: it is given twice/,
  ],
];

for (const [what, content, reason] of refused) {
  tls(`a certificate ${what} is refused`, async () => {
    const { message } = await failure(loadFile({ ...CERTIFIED, ...content }));
    assert.match(message, reason);
  });
}

tls("both kinds of address may be served", async () => {
  const { settings } = await loadFile({
    ...CERTIFIED,
    bind: ["http://:80", "https://:443", "unix:/run/a.sock"],
    redirectHttps: true,
    certReqs: "optional",
    caCerts: "ca.pem",
  });
  assert.is(settings.redirectHttps, true);
});

tls.run();
