import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { judgeReadiness } from "../../../src/control/admin/health.ts";
import type { PoolHealth } from "../../../src/control/admin/health.ts";
import { adminRoutes, onlyWhere } from "../../../src/control/admin/routes.ts";
import type { AdminSource } from "../../../src/control/admin/routes.ts";
import { findRoute, Refused } from "../../../src/control/door/route.ts";
import type { Asked } from "../../../src/control/door/route.ts";

const admin = suite("admin");

const pool = (
  ready: number,
  given: Partial<NonNullable<PoolHealth["pool"]>> = {},
): PoolHealth["pool"] => ({
  stop: undefined,
  paused: false,
  over: false,
  everReady: true,
  children: [
    ...Array(ready).fill({ phase: "ready" }),
    { phase: "booting" },
    { phase: "draining" },
  ],
  ...given,
});

admin("judgeReadiness() wants enough workers, and no end", () => {
  const cases: readonly (readonly [PoolHealth, object])[] = [
    [{ pool: undefined, readyWorkers: 1 }, {
      ready: false,
      why: "starting",
      workers: 0,
    }],
    [{ pool: pool(0, { everReady: false }), readyWorkers: 1 }, {
      ready: false,
      why: "starting",
      workers: 0,
    }],
    [{ pool: pool(1), readyWorkers: 1 }, { ready: true, workers: 1 }],
    [{ pool: pool(1), readyWorkers: 2 }, {
      ready: false,
      why: "workers",
      workers: 1,
    }],
    [{ pool: pool(2), readyWorkers: 2 }, { ready: true, workers: 2 }],
    [{ pool: pool(0), readyWorkers: 1 }, {
      ready: false,
      why: "workers",
      workers: 0,
    }],
    [{ pool: pool(2, { stop: {} }), readyWorkers: 1 }, {
      ready: false,
      why: "draining",
      workers: 2,
    }],
    [{ pool: pool(1, { paused: true }), readyWorkers: 1 }, {
      ready: false,
      why: "paused",
      workers: 1,
    }],
  ];
  for (const [health, readiness] of cases) {
    assert.equal(judgeReadiness(health), readiness);
  }
});

function ask(
  path: string,
  { accept, measured = true, ready = 1 }: {
    accept?: string;
    measured?: boolean;
    ready?: number;
  } = {},
) {
  const routes = adminRoutes({
    metrics: (format) =>
      Promise.resolve(measured ? `written as ${format}` : undefined),
    health: () => ({ pool: pool(ready), readyWorkers: 1 }),
  });
  const { route } = findRoute(routes, "GET", path);
  const field = (name: string) => name === "accept" ? accept : undefined;
  return route.answer({ field } as Asked);
}

admin("/metrics is written as it is asked for", async () => {
  assert.equal(await ask("/metrics"), {
    type: "text/plain; version=0.0.4; charset=utf-8",
    text: "written as text",
  });
  assert.equal(
    await ask("/metrics", { accept: "application/openmetrics-text" }),
    {
      type: "application/openmetrics-text; version=1.0.0; charset=utf-8",
      text: "written as openmetrics",
    },
  );
});

admin("/metrics says which setting it needs", async () => {
  const refused = await Promise.resolve(ask("/metrics", { measured: false }))
    .catch((error) => error);
  assert.instance(refused, Refused);
  assert.is(refused.status, 404);
  assert.match(refused.message, "--metrics");
});

admin("/ready and /health have statuses for probes", () => {
  assert.equal(ask("/health"), { json: { healthy: true } });
  assert.equal(ask("/ready"), {
    status: 200,
    json: { ready: true, workers: 1 },
  });
  assert.equal(ask("/ready", { ready: 0 }), {
    status: 503,
    json: { ready: false, why: "workers", workers: 0 },
  });
});

admin("nothing can be changed", () => {
  const routes = adminRoutes({
    metrics: () => Promise.resolve(undefined),
    health: () => ({ pool: undefined, readyWorkers: 1 }),
  });
  for (const { method, path } of routes) {
    assert.is(method, "GET");
    assert.throws(() => findRoute(routes, "POST", path), /Use GET/);
  }
});

const source: AdminSource = {
  metrics: () => Promise.resolve(undefined),
  health: () => ({ pool: pool(1), readyWorkers: 1 }),
};

admin("onlyWhere() has a route be there while something holds", () => {
  let holds = true;
  const [route] = adminRoutes(source)
    .filter(({ path }) => path === "/health").map((one) =>
      onlyWhere(() => holds, one)
    );
  const answer = () => route!.answer({} as Asked);
  assert.equal(answer(), { json: { healthy: true } });
  holds = false;
  try {
    assert.unreachable(JSON.stringify(answer()));
  } catch (error) {
    const { status, code } = error as Refused;
    assert.equal([status, code], [404, "off"]);
  }
});

admin("health and readiness wait for no other answers", () => {
  const routes = adminRoutes(source);
  assert.equal(
    routes.filter(({ atOnce }) => atOnce).map(({ path }) => path),
    ["/health", "/ready"],
  );
});

admin.run();
