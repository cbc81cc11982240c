import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import {
  readSkip,
  readSkips,
  skipNeeds,
} from "../../../src/log/access/access-skip.ts";
import { exchangeOf } from "./exchange.ts";

const skip = suite("access-skip");

/** Rules, what they leave out, and what they do not. */
const cases: readonly [
  rules: readonly string[],
  skipped: readonly Parameters<typeof exchangeOf>[0][],
  kept: readonly Parameters<typeof exchangeOf>[0][],
][] = [
  [
    ["/health"],
    [{ target: "/health" }, { target: "/health/live?x=/" }, {
      target: "/health?",
    }],
    [{ target: "/healthy" }, { target: "/" }, { target: "/a/health" }],
  ],
  [
    ["/static/*.css", "/img/?.png"],
    [{ target: "/static/a/b.css?v=1" }, { target: "/img/a.png" }],
    [{ target: "/static/a.css.js" }, { target: "/img/ab.png" }],
  ],
  [["304"], [{ status: 304 }], [{ status: 200 }]],
  [["2xx", "3XX"], [{ status: 204 }, { status: 301 }], [{ status: 404 }]],
  [
    ["agent:kube-probe/*"],
    [{ headers: { "user-agent": "Kube-Probe/1.30" } }],
    [{}, { headers: { "user-agent": "curl" } }],
  ],
  [
    ["/health 2xx agent:probe"],
    [{ target: "/health", headers: { "user-agent": "a probe" } }],
    [
      { target: "/health", status: 503, headers: { "user-agent": "probe" } },
      { target: "/health" },
    ],
  ],
  [["/a/"], [{ target: "/a/" }, { target: "/a/b" }], [{ target: "/a" }]],
  [["/a.c"], [{ target: "/a.c" }], [{ target: "/abc" }]],
  [["/a(.c*"], [{ target: "/a(.cd" }], [{ target: "/axcd" }]],
];

skip("readSkips() leaves out what a rule names and nothing else", () => {
  for (const [rules, skipped, kept] of cases) {
    const skips = readSkips(rules);
    for (const one of skipped) {
      assert.is(skips?.(exchangeOf(one)), true, JSON.stringify([rules, one]));
    }
    for (const one of kept) {
      assert.is(skips?.(exchangeOf(one)), false, JSON.stringify([rules, one]));
    }
  }
});

skip("readSkip() refuses what is no rule", () => {
  for (const rule of ["", "  "]) {
    assert.throws(
      () => readSkip(rule),
      /^give a path, a status or agent:TEXT$/,
    );
  }
  for (const rule of ["health", "600", "99", "2x", "agent:", "/a 2"]) {
    assert.throws(() => readSkip(rule), /is no path that begins with "\/"/);
  }
});

skip("readSkips() gives nothing to ask where there is no rule", () => {
  assert.is(readSkips([]), undefined);
});

skip("skipNeeds() asks for headers only where a rule does", () => {
  assert.equal(skipNeeds(["/a", "2xx"]), {});
  assert.equal(skipNeeds(["/a agent:x"]), { requestHeaders: true });
  assert.equal(skipNeeds(["/a", "agent:x", "2xx"]), { requestHeaders: true });
});

skip("rules look at a client's text a bounded number of times", () => {
  const skips = readSkips([
    "agent:*bot*crawl*spider*x",
    "agent:?ot*?rawl*?pider*x",
    "/*a*b*c*d",
  ]);
  // With an expression a text of 8 KB took seconds, and ten times the text a thousand times as long.
  const agent = "botcrawlspider".repeat(20_000);
  const target = `/${"abc".repeat(100_000)}`;
  const from = performance.now();
  assert.is(
    skips?.(exchangeOf({ target, headers: { "user-agent": agent } })),
    false,
  );
  assert.ok(performance.now() - from < 5000);
});

skip.run();
