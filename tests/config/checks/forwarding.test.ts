import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { forwardingRules } from "../../../src/plan/proxies.ts";
import { failure, load } from "../support.ts";

const forwarding = suite("Forwarding settings");

forwarding(
  "forwardingRules() compares names and values in lower case",
  async () => {
    const { settings } = await load();
    assert.equal(forwardingRules(settings), {
      allow: ["127.0.0.1", "::1", "unix"],
      hops: 1,
      headers: ["x-forwarded-for"],
      secureSchemes: {
        "x-forwarded-protocol": "ssl",
        "x-forwarded-proto": "https",
        "x-forwarded-ssl": "on",
      },
      unbelieved: "keep",
    });
  },
);

forwarding("variables that platforms set are heard", async () => {
  const env = { FORWARDED_ALLOW_IPS: "10.0.0.0/8", SCRIPT_NAME: "/shop" };
  const { settings } = await load({ env });
  assert.equal(settings.forwardedAllowIps, ["10.0.0.0/8"]);
  assert.is(settings.basePath, "/shop");
});

forwarding(
  "secureSchemeHeaders takes names that headers can have",
  async () => {
    const options = { secureSchemeHeaders: { "X Scheme": "https" } };
    const { message } = await failure(load({ options }));
    assert.match(
      message,
      /^Cannot use secureSchemeHeaders "X Scheme" from serve\(\): no header/,
    );
  },
);

forwarding.run();
