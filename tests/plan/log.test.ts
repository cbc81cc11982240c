import type { CornConfig } from "../../src/config/table/types.ts";
import { accessSettings } from "../../src/plan/log.ts";
import { load } from "../config/support.ts";
import * as assert from "../support/assert.ts";
import { FakeRuntime } from "../support/fake/runtime.ts";
import { suite } from "../support/suite.ts";

const plan = suite("plan of an access log");

async function accessOf(options: CornConfig) {
  return accessSettings(await load({ options }), new FakeRuntime());
}

plan("an access log goes where it is told to, and nowhere else", async () => {
  assert.is(await accessOf({}), undefined);
  const file = await accessOf({ accessLogfile: "/var/log/access" });
  assert.equal(Object.keys(file ?? {}).sort(), ["file", "skip"]);
  assert.is(file?.file?.path, "/var/log/access");
  const syslog = await accessOf({ logSyslog: true });
  assert.equal(Object.keys(syslog ?? {}).sort(), ["skip", "syslog"]);
  const both = await accessOf({ logSyslog: true, accessLogfile: "-" });
  assert.equal(Object.keys(both ?? {}).sort(), ["file", "skip", "syslog"]);
  const without = { logSyslog: true, disableRedirectAccessToSyslog: true };
  assert.is(await accessOf(without), undefined);
});

plan("the arbiter writes the file that takes what workers print", async () => {
  const byArbiter = async (options: CornConfig) =>
    (await accessOf({ accessLogfile: "-", ...options }))?.file?.byArbiter;
  assert.is(await byArbiter({}), false);
  assert.is(await byArbiter({ captureOutput: true }), true);
});

plan.run();
