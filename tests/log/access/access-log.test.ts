import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import type { Exchange } from "../../../src/exchange/exchange.ts";
import { createAccessLog } from "../../../src/log/access/access-log.ts";
import { exchangeOf } from "./exchange.ts";

const accessLog = suite("access log");

accessLog("follows a wall clock that is set, looking once a second", () => {
  let looks = 0;
  let wall = Date.UTC(2026, 0, 1);
  const lines: string[] = [];
  const log = createAccessLog({
    format: "%(t)s",
    skip: [],
    sinks: [{ line: (text) => lines.push(text) }],
    clock: {
      now: () => 0,
      date: () => {
        looks++;
        return new Date(wall);
      },
    },
    pid: 1,
    random: Math.random,
  });
  const at = (startMs: number) => {
    log.onEnd(exchangeOf({ startMs, ms: 0 }));
    return lines.at(-1);
  };
  assert.match(at(900) ?? "", "01/Jan/2026:00:00:00");
  assert.is(looks, 1);
  wall += 3_600_000;
  assert.match(at(1001) ?? "", "01/Jan/2026:01:00:0");
  assert.is(looks, 2);
  at(1900);
  at(2001);
  assert.is(looks, 2, "a second has not passed");
  at(2002);
  assert.is(looks, 3);
});

accessLog("each sink has a line for each exchange but those left out", () => {
  const lines: string[] = [];
  const line = (text: string) => void lines.push(text);
  const seen: Exchange[] = [];
  const { needs, onEnd } = createAccessLog({
    format: "%(m)s %(p)s %(id)s",
    skip: ["304", "agent:probe"],
    sinks: [{ line }, { line: (_text, exchange) => seen.push(exchange) }],
    clock: { now: () => 0, date: () => new Date(0) },
    pid: 7,
    // Of 32 bits, twice.
    random: () => 2 ** -32,
  });
  const [first, second] = [exchangeOf(), exchangeOf()];
  onEnd(first);
  onEnd(exchangeOf({ status: 304 }));
  onEnd(exchangeOf({ headers: { "user-agent": "probe" } }));
  onEnd(second);
  assert.equal(lines, [
    "GET <7> 0000000100000001-1",
    "GET <7> 0000000100000001-2",
  ]);
  assert.equal(seen, [first, second]);
  assert.equal([needs.target, needs.requestHeaders, needs.bytes], [
    ...[true, true, false],
  ]);
});

accessLog.run();
