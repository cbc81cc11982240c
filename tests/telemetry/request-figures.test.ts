import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import type { Exchange } from "../../src/exchange/exchange.ts";
import { RequestFigures } from "../../src/telemetry/request-figures.ts";

const figures = suite("RequestFigures");

function start(bucketsMs: readonly number[] = [5, 10, 25]) {
  const requests = new RequestFigures({ bucketsMs });
  return {
    requests,
    end: (method: string, status: number, ms: number) =>
      requests.onEnd({ method, status, ms } as Exchange),
  };
}

figures("take() gives counts by method, status and bucket", () => {
  const { requests, end } = start();
  end("GET", 200, 5);
  end("GET", 200, 5.0001);
  end("GET", 404, 0);
  end("POST", 200, 26);
  end("GET", 200, 7);
  assert.equal(requests.take(), [
    { method: "GET", status: 200, sumMs: 17, counts: [1, 2, 0, 0] },
    { method: "GET", status: 404, sumMs: 0, counts: [1, 0, 0, 0] },
    { method: "POST", status: 200, sumMs: 26, counts: [0, 0, 0, 1] },
  ]);
});

figures("take() gives each request once", () => {
  const { requests, end } = start();
  assert.not(requests.any);
  assert.equal(requests.take(), []);
  end("GET", 200, 1);
  assert.ok(requests.any);
  requests.take();
  assert.not(requests.any);
  assert.equal(requests.take(), []);
  end("GET", 200, 2);
  assert.equal(requests.take(), [
    { method: "GET", status: 200, sumMs: 2, counts: [1, 0, 0, 0] },
  ]);
});

figures("a method of a client's own is _OTHER, as none is", () => {
  const { requests, end } = start([1]);
  end("BREW", 200, 1);
  end("get", 200, 1);
  end("", 400, 1);
  assert.equal(requests.take(), [
    { method: "_OTHER", status: 200, sumMs: 2, counts: [2, 0] },
    { method: "_OTHER", status: 400, sumMs: 1, counts: [1, 0] },
  ]);
});

figures("a status that is none is counted as a failure", () => {
  const { requests, end } = start([1]);
  for (const status of [0, 99, 1000, 200.5, NaN]) end("GET", status, 1);
  assert.equal(requests.take(), [
    { method: "GET", status: 500, sumMs: 5, counts: [5, 0] },
  ]);
});

figures("each status that there is is counted as it is", () => {
  const { requests, end } = start([1]);
  for (const status of [100, 999]) end("GET", status, 1);
  assert.equal(requests.take().map(({ status }) => status), [100, 999]);
});

figures.run();
