import { describeConfig } from "../../src/control/snapshot.ts";
import { parseArguments } from "../../src/cli/args.ts";
import { load } from "../config/support.ts";
import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";

const snapshot = suite("describeConfig()");

snapshot("nothing that a config may hold in secret is told", async () => {
  const SECRET = "tops3cret";
  const config = await load({
    flags: parseArguments([
      "--env",
      `HARMLESS=${SECRET}`,
      "--env",
      `DB_PASSWORD=${SECRET}`,
      "--worker-args",
      `--title=x --session-secret ${SECRET} --api-key=${SECRET}`,
      "--upgrade-command",
      `env TOKEN='${SECRET} ${SECRET}' corn --env KEY=${SECRET} app.ts`,
      "--access-log-format",
      `%(h)s authorization: Bearer ${SECRET} pg://user:${SECRET}@${SECRET}@host/db`,
      "--dogstatsd-tags",
      `api_key:${SECRET},team:web`,
      `app.ts:create({"url":"redis://:${SECRET}@host","apiKey":"${SECRET}"})`,
    ]),
  });
  const shown = describeConfig(config);
  assert.not.match(JSON.stringify(shown), SECRET);
  assert.is(shown.settings.env?.value, "HARMLESS=*** DB_PASSWORD=***");
  assert.is(shown.settings.dogstatsdTags?.value, "api_key:***,team:web");
  assert.match(shown.settings.workerArgs?.value ?? "", /--title=x/);
});

snapshot.run();
