import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { root } from "../../scripts/tools.ts";
import { alertsOf } from "../../src/make/alerts.ts";
import { makeGrafana } from "../../src/make/grafana.ts";
import { PANELS } from "../../src/make/panels.ts";
import { makePrometheus } from "../../src/make/prometheus.ts";
import { failure } from "../config/support.ts";
import { subject, textOf } from "./support.ts";

const watching = suite("Prometheus and Grafana");

/** What docs/metrics.md says that corn gives; a test of it keeps that true. */
function known(): Set<string> {
  const page = readFileSync(join(root, "docs/metrics.md"), "utf8");
  return new Set(
    [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name!),
  );
}

watching("alerts and panels ask for metrics that corn has", () => {
  const names = known();
  const expressions = [
    ...alertsOf("shop").map(({ expr }) => expr),
    ...PANELS.flatMap(({ queries }) => queries.map(({ expr }) => expr)),
  ];
  for (const text of expressions) {
    for (const [name] of text.matchAll(/\b(corn|http_server)_\w+/g)) {
      const plain = name.replace(/_(bucket|count|sum)$/, "");
      assert.ok(names.has(name) || names.has(plain), name);
    }
  }
  assert.ok(names.size > 20 && expressions.length > 20);
});

watching("docs/monitoring.md says what to do about each alert", () => {
  const page = readFileSync(join(root, "docs/monitoring.md"), "utf8");
  assert.equal(
    [...page.matchAll(/^\| `(Corn\w+)` \|/gm)].map(([, name]) => name),
    alertsOf("shop").map(({ name }) => name),
  );
});

watching("makePrometheus() scrapes --admin", async () => {
  const scrape = async (given: string[]) =>
    textOf(makePrometheus(await subject(given)), "prometheus.yml");
  const own = await scrape(["--metrics", "--admin", "10.0.0.1:7000"]);
  assert.match(own, 'targets: ["10.0.0.1:7000"]');
  assert.not.match(own, "give it");
  assert.match(
    await scrape(["--metrics", "--admin", ":7000"]),
    "127.0.0.1:7000",
  );
  const bare = await scrape([]);
  assert.match(bare, "give it --metrics");
  assert.match(bare, "give it --admin 127.0.0.1:9100");
  const unix = await failure(scrape(["--admin", "unix:/run/a.sock"]));
  assert.match(unix.message, "admin is unix:/run/a.sock from --admin, where");
});

interface Dashboard {
  readonly __inputs: readonly { readonly name: string }[];
  readonly uid: string;
  readonly panels: readonly {
    readonly id: number;
    readonly gridPos: Readonly<Record<"x" | "y" | "w" | "h", number>>;
  }[];
}

watching("makeGrafana() asks only for what an import brings", async () => {
  const made = textOf(makeGrafana(await subject([])), ".json");
  const dashboard = JSON.parse(made);
  const { panels, templating, __inputs, __requires } = dashboard;
  // Each source is the one that the import asks for.
  const sources = [...made.matchAll(/"uid": "\$\{(\w+)\}"/g)];
  assert.ok(sources.length > panels.length);
  for (const [, name] of sources) assert.is(name, __inputs[0].name);
  const known = new Set(["__rate_interval", "__interval", "__all"]);
  for (const { name } of templating.list) known.add(name);
  for (const [, name = ""] of made.matchAll(/\$(\w+)/g)) {
    assert.ok(known.has(name), name);
  }
  const types = __requires.map(({ id }: { id: string }) => id);
  const ids = new Set();
  for (const { id, type, targets } of panels) {
    ids.add(id);
    assert.ok(types.includes(type), type);
    const refs = targets.map(({ refId }: { refId: string }) => refId);
    assert.is(new Set(refs).size, refs.length);
  }
  assert.is(ids.size, panels.length);
});

watching("makeGrafana() places panels beside each other", async () => {
  const made = textOf(makeGrafana(await subject([])), ".json");
  const dashboard: Dashboard = JSON.parse(made);
  assert.equal(dashboard.__inputs.map(({ name }) => name), ["DS_PROMETHEUS"]);
  assert.ok(dashboard.uid.length <= 40);
  const taken = new Set<string>();
  for (const { gridPos: { x, y, w, h } } of dashboard.panels) {
    assert.ok(x + w <= 24);
    assert.ok(w > 0 && h > 0, "it can be seen");
    for (let column = x; column < x + w; column++) {
      for (let row = y; row < y + h; row++) {
        assert.not(taken.has(`${column} ${row}`));
        taken.add(`${column} ${row}`);
      }
    }
  }
  assert.is(new Set(dashboard.panels.map(({ id }) => id)).size, PANELS.length);
});

watching("Grafana's graphs tell by colour and name what is what", async () => {
  const made = textOf(makeGrafana(await subject([])), ".json");
  const dashboard = JSON.parse(made);
  assert.ok(dashboard.editable, "its owner may change it");
  for (const { type, options, targets } of dashboard.panels) {
    if (type === "stat") continue;
    assert.ok(options.legend.showLegend);
    for (const { legendFormat } of targets) assert.not.equal(legendFormat, "");
  }
});

watching.run();
