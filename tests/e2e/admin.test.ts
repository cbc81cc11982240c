import { rmSync } from "node:fs";
import { join } from "node:path";
import * as assert from "../support/assert.ts";
import { assertSchema, ControlClient } from "../support/client/control.ts";
import { curl } from "../support/client/curl.ts";
import { requestCount } from "../support/client/metrics.ts";
import { order } from "../support/client/order.ts";
import { fixture, promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";

const admin = promises("--admin and --metrics");

/** What the settings are, and what answers then: with a status, or not at all. */
const CASES = [
  { settings: {}, paths: {}, metrics: 1 },
  { settings: { metrics: true }, paths: {}, metrics: 0 },
  {
    settings: { admin: true },
    paths: { health: 200, ready: 200, metrics: 404, "v1/status": 404 },
    metrics: 1,
  },
  {
    settings: { admin: true, adminStatus: true },
    paths: { health: 200, ready: 200, metrics: 404, "v1/status": 200 },
    metrics: 1,
  },
  {
    settings: { admin: true, metrics: true },
    paths: { health: 200, ready: 200, metrics: 200, "v1/status": 404 },
    metrics: 0,
  },
  { settings: {}, paths: {}, metrics: 1 },
  // What was counted before is counted on.
  {
    settings: { admin: true, metrics: true },
    paths: { metrics: 200 },
    metrics: 0,
  },
];

admin(
  "answer as the settings say, from one reload to the next",
  async (lab) => {
    const door = join(lab.folder, "admin.sock");
    const control = join(lab.folder, "control.sock");
    const write = (settings: Readonly<Record<string, unknown>>) =>
      lab.write(
        "corn.config.json",
        JSON.stringify({
          ...settings,
          ...settings.admin === true && { admin: `unix:${door}` },
        }),
      );
    const { url } = await lab.start({
      app: fixture("app.ts"),
      args: ["-w", "1", "-c", write({}), "--control", control],
      deadlineMs: 60_000,
    });
    const client = new ControlClient(control);
    let counted = 0;
    for (const [at, { settings, paths, metrics }] of CASES.entries()) {
      const about = `${at}: ${JSON.stringify(settings)}`;
      write(settings);
      if (at > 0) {
        const { state, message } = await client.order("/v1/reload");
        assert.is(state, "done", message);
      }
      const ask = (path: string) =>
        curl(`http://corn/${path}`, "--unix-socket", door);
      if (Object.keys(paths).length === 0) {
        await until(`no door, ${about}`, async () => {
          return (await ask("health")).exit !== 0;
        });
      }
      for (const [path, wanted] of Object.entries(paths)) {
        const { status, body } = await ask(path);
        assert.is(status, wanted, `${path}, ${about}`);
        if (status === 404) assertSchema("Error", JSON.parse(body));
        else if (path === "v1/status") assertSchema("Status", JSON.parse(body));
        else if (path === "metrics") {
          assert.match(body, /^corn_workers_wanted 1$/m);
          counted++;
          await curl(url);
          await until(`${counted} requests, ${about}`, async () => {
            const { body } = await ask(path);
            return body.includes(`${requestCount("GET", 200)} ${counted}\n`);
          });
        }
      }
      const { code, output, errors } = await order(["-s", control, "metrics"]);
      assert.is(code, metrics, `corn metrics, ${about}`);
      assert.match(
        code === 0 ? output : errors,
        code === 0 ? /^corn_workers_wanted 1$/m : /give --metrics$/m,
      );
    }
    // The server's own address stands for one that is taken.
    write({ admin: new URL(url).host });
    const refused = await order(["-s", control, "reload"]);
    assert.is(refused.code, 1);
    assert.match(
      refused.errors,
      /^Reload refused, nothing changes: Cannot open --admin .*: address in use/,
    );
    const { status } = await curl(
      "http://corn/health",
      "--unix-socket",
      door,
    );
    assert.is(status, 200);

    // As what cleans folders of temporary files does.
    rmSync(door);
    write({ admin: true });
    assert.is((await client.order("/v1/reload")).state, "done");
    const again = await curl("http://corn/health", "--unix-socket", door);
    assert.is(again.status, 200);
  },
  { deadlineMs: 180_000 },
);

admin.run();
