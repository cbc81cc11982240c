import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { bodiless, joinObservers } from "../../src/exchange/exchange.ts";
import type { Exchange, Needs } from "../../src/exchange/exchange.ts";

const exchanges = suite("exchange");

const NAMES = [
  ...["target", "requestHeaders", "responseHeaders", "bytes", "peer"] as const,
];

/** An observer that needs these alone, and what it saw. */
function observer(...needed: readonly (keyof Needs)[]) {
  const entries = NAMES.map((name) => [name, needed.includes(name)]);
  const seen: Exchange[] = [];
  return {
    seen,
    needs: Object.fromEntries(entries) as Needs,
    onEnd: (exchange: Exchange) => void seen.push(exchange),
  };
}

exchanges("several observers need what one of them needs, and no more", () => {
  for (const name of NAMES) {
    const joined = joinObservers([observer(), observer(name), observer()]);
    assert.equal(joined?.needs, observer(name).needs, name);
  }
});

exchanges("each of several observers sees each exchange", () => {
  const [one, other] = [observer(), observer("bytes")];
  const exchange = { status: 200 } as Exchange;
  joinObservers([one, undefined, other])?.onEnd(exchange);
  assert.equal([one.seen, other.seen], [[exchange], [exchange]]);
});

exchanges("one observer is left as it is, and none is none", () => {
  const one = observer("target");
  assert.is(joinObservers([undefined, one]), one);
  assert.is(joinObservers([undefined]), undefined);
});

exchanges("HEAD, 204 and 304 have no body", () => {
  for (
    const [method, status, none] of [
      ["HEAD", 200, true],
      ["GET", 204, true],
      ["GET", 304, true],
      ["GET", 200, false],
      ["POST", 0, false],
    ] as const
  ) {
    assert.is(bodiless(method, status), none, `${method} ${status}`);
  }
});

exchanges.run();
