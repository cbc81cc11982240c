import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { proxyRules, wireLimits } from "../../../src/plan/http.ts";
import { chooseHttp } from "../../../src/config/checks/http.ts";
import { defaultLimits } from "../../../src/http/h1/limits.ts";
import { settingNames, settingOf } from "../../../src/config/table/settings.ts";
import { cases } from "../cases.ts";
import { failure, load, loadFile } from "../support.ts";

const http = suite("chooseHttp");

http("auto is left to the worker", async () => {
  assert.is(chooseHttp(await load()), "auto");
  assert.is(chooseHttp(await loadFile({ http: "native" })), "native");
  assert.is(chooseHttp(await loadFile({ http: "wire" })), "wire");
});

http("auto is wire where a limit is given, even as its default", async () => {
  assert.is(chooseHttp(await loadFile({ limitRequestLine: 8190 })), "wire");
  assert.is(chooseHttp(await loadFile({ writeTimeout: 5 })), "wire");
  const env = { CORN_BODY_RATE: "100" };
  assert.is(chooseHttp(await load({ env })), "wire");
});

http("auto is wire where connections begin with a PROXY header", async () => {
  assert.is(chooseHttp(await loadFile({ proxyProtocol: "v2" })), "wire");
  assert.is(chooseHttp(await loadFile({ proxyProtocol: "off" })), "auto");
  assert.is(chooseHttp(await loadFile({ proxyAllowFrom: "*" })), "auto");
  const { message } = await failure(
    loadFile({ http: "native", proxyProtocol: "auto" }),
  );
  assert.match(message, /Cannot use proxyProtocol "auto" .* --http wire/);
});

http("proxyRules() are there where the protocol is on", async () => {
  assert.is(proxyRules((await load()).settings), undefined);
  const config = await loadFile({
    proxyProtocol: "v1",
    proxyAllowFrom: "10.0.0.0/8",
  });
  assert.equal(proxyRules(config.settings), {
    versions: "v1",
    allowFrom: ["10.0.0.0/8"],
  });
});

http("auto stays where every engine has the limit", async () => {
  assert.is(chooseHttp(await loadFile({ limitRequestBody: "10m" })), "auto");
});

http("native refuses a limit that it would ignore", async () => {
  const { message } = await failure(
    loadFile({ http: "native", bodyTimeout: 5 }),
  );
  assert.is(
    message,
    "Cannot use bodyTimeout 5 from corn.config.ts: the native engine cannot do it on any runtime, give --http wire",
  );
});

for (const name of settingNames) {
  const { engines = ["native", "wire"] } = settingOf(name);
  if (engines.includes("native") || settingOf(name).inFile === false) continue;

  http(
    `${name} asks for the wire engine and is refused without it`,
    async () => {
      const given = {
        [name]: cases[name].values[0]?.[0],
        ...settingOf(name).section === "PROXY protocol" &&
          { proxyProtocol: "auto" as const },
      };
      assert.is(chooseHttp(await loadFile(given)), "wire");
      const { message } = await failure(loadFile({ ...given, http: "native" }));
      assert.match(
        message,
        /^Cannot use \w+ .* from corn\.config\.ts: the native engine .* --http wire$/,
      );
    },
  );
}

http("a Node listener is refused where only wire would do", async () => {
  const one = await failure(loadFile({ gateway: "node", http: "wire" }));
  assert.is(
    one.message,
    'Cannot use gateway "node" from corn.config.ts: the wire engine calls no Node listeners, give --http native',
  );
  const other = await failure(loadFile({ gateway: "node", bodyRate: 100 }));
  assert.match(other.message, /leave out bodyRate from corn\.config\.ts/);
});

http("wireLimits() are the engine's own defaults", async () => {
  const { settings } = await load();
  assert.equal(wireLimits(settings), defaultLimits);
});

http.run();
