import { certificates as library } from "../../../adapters/shared/machine/certificates.ts";
import { certificateRefusals } from "../../../src/arbiter/certificates/check.ts";
import type { CornConfig } from "../../../src/config/table/types.ts";
import * as assert from "../../support/assert.ts";
import { makeAuthority, makeCertificates } from "../../support/certificates.ts";
import type { Pair } from "../../support/certificates.ts";
import { FakeFiles } from "../../support/fake/runtime.ts";
import { suite } from "../../support/suite.ts";
import { configOf } from "../site.ts";

const check = suite("certificateRefusals()", "openssl");

const made = makeCertificates();
const DAY_MS = 86_400_000;

/** Why these are refused, so many days from now. */
async function refusals(
  { cert, key }: Pair,
  { inDays = 0, ...options }: CornConfig & { inDays?: number } = {},
): Promise<string[]> {
  const files = new FakeFiles();
  files.texts.set("/tls/a.pem", cert);
  files.texts.set("/tls/a.key", key);
  const date = () => new Date(Date.now() + inDays * DAY_MS);
  const config = await configOf({
    certfile: "/tls/a.pem",
    keyfile: "/tls/a.key",
    ...options,
  });
  const runtime = { clock: { date } as never, files, certificates: library };
  return certificateRefusals(config, { ...runtime, name: "node" }, "node")
    .map(({ message }) => message);
}

check(
  "one that clients take is not refused, though its end is near",
  async () => {
    assert.equal(await refusals(made.server), []);
    assert.equal(await refusals(made.server, { inDays: 29 }), []);
  },
);

check("one that has ended, or has not begun, is refused", async () => {
  const [ended, ...more] = await refusals(made.expired);
  assert.match(ended ?? "", /^Certificate of localhost has ended on .* renew /);
  assert.equal(more, []);
  const [early] = await refusals(made.server, { inDays: -9 });
  assert.match(early ?? "", /^Certificate of localhost begins on /);
});

check("one whose chain clients may refuse is refused", async () => {
  const stranger = makeAuthority("Other CA").cert;
  const { cert, key } = made.server;
  const [doubt] = await refusals({ cert: `${cert}${stranger}`, key });
  assert.match(doubt ?? "", /^Certificate of localhost may be refused by /);
});

check("what cannot be read is refused, each in one line", async () => {
  const [wrong] = await refusals(made.wrongKey);
  assert.match(wrong ?? "", /^Cannot use keyfile .* does not fit the certific/);
  assert.equal(
    await refusals(made.server, { certfile: "/tls/none.pem" }),
    ['Cannot use certfile "/tls/none.pem" from serve(): no such file'],
  );
});

check("where no TLS is spoken there is nothing to refuse", async () => {
  const none = { certfile: undefined, keyfile: undefined };
  assert.equal(await refusals(made.expired, none), []);
});

check.run();
