import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { StandingOrders } from "../../../src/arbiter/workers/standing-orders.ts";

const orders = suite("standing orders");

const figure = (everyMs: number) => ({ type: "figure", everyMs });
const watch = { type: "watch" };

orders("a worker that is ready is asked for nothing at first", () => {
  assert.equal(new StandingOrders().messages(), []);
});

orders("tellFigures() asks for the most frequent of what is needed", () => {
  const standing = new StandingOrders();
  assert.equal(standing.tellFigures("metrics", 2000), figure(2000));
  assert.equal(standing.tellFigures("pool", 1000), figure(1000));
  assert.equal(standing.tellFigures("metrics", 1000), undefined);
  assert.equal(standing.messages(), [figure(1000)]);
});

orders("tellFigures() asks for none once none are needed", () => {
  const standing = new StandingOrders();
  standing.tellFigures("metrics", 2000);
  standing.tellFigures("pool", 1000);
  assert.equal(standing.tellFigures("pool", 0), figure(2000));
  assert.equal(standing.tellFigures("metrics", 0), figure(0));
  assert.equal(standing.messages(), []);
  assert.equal(standing.tellFigures("pool", 0), undefined);
  for (const user of ["pool", "person", "trial"] as const) {
    const { everyMs } = new StandingOrders().tellFigures(user, 1000) as {
      everyMs?: number;
    };
    assert.is(everyMs, 1000, "nothing else is needed");
  }
});

orders("answers are timed for a person, or a trial, alone", () => {
  for (const user of ["person", "trial"] as const) {
    const standing = new StandingOrders();
    standing.tellFigures("metrics", 1000);
    const timed = { ...figure(1000), seen: true };
    assert.equal(standing.tellFigures(user, 2000), timed);
    assert.equal(standing.messages(), [timed]);
    assert.equal(standing.tellFigures(user, 0), figure(1000));
  }
});

orders("watch() asks once, and workers to come as they are ready", () => {
  const standing = new StandingOrders();
  assert.equal(standing.watch(), watch);
  assert.is(standing.watch(), undefined);
  standing.tellFigures("metrics", 1000);
  assert.equal(standing.messages(), [watch, figure(1000)]);
});

orders.run();
