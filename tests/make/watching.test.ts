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

interface Shown {
  readonly id: number;
  readonly gridPos: Readonly<Record<"x" | "y" | "w" | "h", number>>;
  readonly fieldConfig: { readonly defaults: { readonly min: number } };
  readonly targets: readonly { readonly refId: string }[];
}

watching(
  "panels stand beside and below each other, without a gap",
  async () => {
    const { panels } = JSON.parse(
      textOf(makeGrafana(await subject([])), ".json"),
    ) as { readonly panels: readonly Shown[] };
    assert.equal(panels.map(({ id }) => id), [
      ...PANELS.map((_, index) => index + 1),
    ]);
    const taken = new Map<string, number>();
    let bottom = 0;
    for (const { id, gridPos: { x, y, w, h } } of panels) {
      assert.ok(x >= 0 && w > 0 && x + w <= 24, `panel ${id}`);
      bottom = Math.max(bottom, y + h);
      for (let column = x; column < x + w; column++) {
        for (let row = y; row < y + h; row++) {
          assert.not(taken.has(`${column} ${row}`), `panel ${id}`);
          taken.set(`${column} ${row}`, id);
        }
      }
    }
    // All rows are full but for the end of each kind's last.
    for (let row = 0; row < bottom; row++) assert.ok(taken.has(`0 ${row}`));
    const [first, second] = panels.filter(({ gridPos: { x } }) => x === 0);
    assert.equal(first?.gridPos, { x: 0, y: 0, w: 4, h: 4 });
    assert.is(second?.gridPos.y, 4);
    for (const { targets, fieldConfig } of panels) {
      assert.is(fieldConfig.defaults.min, 0, "no axis is cut");
      assert.equal(
        targets.map(({ refId }) => refId),
        [..."ABCDEFG"].slice(0, targets.length),
      );
    }
  },
);

watching("a dashboard shows a job, and all instances of it", async () => {
  const name = "x".repeat(60);
  const made = makeGrafana(await subject(["--name", name]));
  const { uid, templating, annotations } = JSON.parse(textOf(made, ".json"));
  // What Grafana takes.
  assert.is(uid.length, 40);
  assert.match(uid, /^corn-x+$/);
  const [job, instance] = templating.list;
  assert.equal([job.multi, job.includeAll], [false, false]);
  assert.match(job.current.value, /^x+$/);
  assert.is(job.current.text, job.current.value);
  assert.equal([instance.multi, instance.includeAll, instance.current], [
    ...[true, true, { text: "All", value: "$__all" }],
  ]);
  for (const { hide, refresh } of [job, instance]) {
    assert.equal([hide, refresh], [0, 2], "seen, and read anew");
  }
  assert.ok(annotations.list[0].enable);
});

watching("an alert waits where it says so", async () => {
  const rules = textOf(
    makePrometheus(await subject(["--metrics", "--admin", ":7000"])),
    "rules.yml",
  );
  for (const { name, for: wait } of alertsOf("shop")) {
    const [, rule = ""] = rules.split(`- alert: ${name}\n`);
    const [, found] = /^ +for: (\w+)$/m.exec(rule.split("- alert:")[0]!) ?? [];
    assert.is(found, wait, name);
  }
});

watching.run();
