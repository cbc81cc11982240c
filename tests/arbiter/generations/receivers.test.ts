import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { checkReceivers } from "../../../src/arbiter/generations/receivers.ts";
import type { CornConfig } from "../../../src/config/table/types.ts";
import type { RuntimeName } from "../../../src/runtime/runtime.ts";
import { configOf } from "../site.ts";

const receivers = suite("receivers of datagrams");

const STATSD: CornConfig = { statsdHost: "unix:///run/statsd.sock#dgram" };
const SYSLOG: CornConfig = {
  logSyslog: true,
  logSyslogTo: "unix:///dev/log#dgram",
};

/** Why an arbiter on this runtime, with workers on that, refuses it; empty where it does not. */
async function refusal(
  config: CornConfig,
  own: RuntimeName,
  workers: RuntimeName,
  sendsUnixDatagrams = own !== "node",
): Promise<string> {
  const { settings } = await configOf(config);
  try {
    checkReceivers(settings, { name: own, sendsUnixDatagrams }, workers);
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}

receivers("are taken where arbiter and workers can send to them", async () => {
  for (const config of [STATSD, SYSLOG]) {
    for (const [own, workers] of [["bun", "bun"], ["deno", "bun"]] as const) {
      assert.is(await refusal(config, own, workers), "");
    }
  }
  const network = { statsdHost: "127.0.0.1:8125" };
  assert.is(await refusal(network, "node", "node"), "");
});

receivers("are refused where one of the two cannot", async () => {
  for (
    const [own, workers] of [["node", "node"], ["node", "bun"], [
      "bun",
      "node",
    ]] as const
  ) {
    assert.match(
      await refusal(STATSD, own, workers),
      /^Cannot use statsdHost ".*": Node has no unix datagrams/,
    );
    assert.match(
      await refusal(SYSLOG, own, workers),
      /^Cannot use logSyslogTo ".*": Node has no unix datagrams/,
    );
  }
  assert.match(
    await refusal(STATSD, "deno", "deno", false),
    "no unix datagrams without libc",
  );
});

receivers("of a log that is not sent do not matter", async () => {
  const { logSyslogTo } = SYSLOG;
  assert.is(await refusal({ logSyslogTo }, "node", "node"), "");
});

receivers.run();
