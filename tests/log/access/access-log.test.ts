import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
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

accessLog.run();
