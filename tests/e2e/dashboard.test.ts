import { join } from "node:path";
import * as assert from "../support/assert.ts";
import { curl } from "../support/client/curl.ts";
import { fixture, promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";

const dashboard = promises("the dashboard");

dashboard(
  "it is for those who know its address, and only shows",
  async (lab) => {
    const path = join(lab.folder, "control.sock");
    await lab.start({
      app: fixture("app.ts"),
      args: ["-w", "1", "--control", path],
    });
    const command = lab.run({
      args: ["-s", path, "dashboard", "--no-open", "--json"],
      defaults: false,
    });
    const { url } = await until(
      "the address",
      () => command.output().endsWith("\n") && JSON.parse(command.output()),
    );
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\/$/);
    const statusOf = async (url: string, ...flags: string[]) =>
      (await curl(url, ...flags)).status;
    assert.is(await statusOf(url), 200);
    assert.is(await statusOf(`${url}page.js`), 200);
    assert.is(await statusOf(url, "-H", "host: foreign.example"), 403);
    assert.is(await statusOf(url, "-X", "POST"), 405);
    assert.is(await statusOf(url.replace(/[0-9a-f]{32}/, "0".repeat(32))), 404);
    assert.is(await statusOf(new URL("/", url).href), 404);
    await until("the worker and the log", async () => {
      const { look, lines } = JSON.parse((await curl(`${url}start`)).body);
      return look.status.workers.length === 1 && lines.length > 0;
    });
    command.signal("SIGINT");
    assert.is((await command.ended).code, 0);
    assert.is(command.errors(), "");
  },
);

dashboard.run();
