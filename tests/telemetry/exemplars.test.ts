import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import type { Exchange } from "../../src/exchange/exchange.ts";
import { Exemplars, traceOf } from "../../src/telemetry/exemplars.ts";
import { RequestFigures } from "../../src/telemetry/request-figures.ts";

const exemplars = suite("exemplars");

const trace = (digit: string) => digit.repeat(32);
const parent = (id: string, flags = "01") =>
  `00-${id}-00f067aa0ba902b7-${flags}`;

exemplars("traceOf() gives a trace that is kept", () => {
  assert.is(traceOf(parent(trace("a"))), trace("a"));
  assert.is(traceOf(`${parent(trace("a"), "03")}-more`), trace("a"));
  const none = [
    undefined,
    "",
    parent(trace("a"), "00"),
    parent(trace("0")),
    parent(trace("A")),
    parent("abc"),
    parent(trace("a")).replace("00-", "ff-"),
  ];
  for (const text of none) assert.is(traceOf(text), undefined, text);
});

exemplars("the slowest request of each bucket is told, once", () => {
  const figures = new RequestFigures({ bucketsMs: [10], exemplars: true });
  const end = (ms: number, traceparent?: string) =>
    figures.onEnd({
      method: "GET",
      status: 200,
      ms,
      requestHeader: (name: string) =>
        name === "traceparent" ? traceparent : undefined,
    } as Exchange);
  end(3, parent(trace("a")));
  end(7, parent(trace("b")));
  end(5, parent(trace("c")));
  end(9);
  end(80, parent(trace("d")));
  assert.equal(figures.take()[0]?.exemplars, [
    [0, { traceId: trace("b"), ms: 7 }],
    [1, { traceId: trace("d"), ms: 80 }],
  ]);
  end(3);
  assert.is(figures.take()[0]?.exemplars, undefined);
});

exemplars("without them no header is asked for", () => {
  const figures = new RequestFigures({ bucketsMs: [10] });
  const none = {
    ...{ target: false, requestHeaders: false, responseHeaders: false },
    ...{ bytes: false, peer: false },
  };
  assert.equal(figures.needs, none, "nor is anything else");
  assert.equal(
    new RequestFigures({ bucketsMs: [10], exemplars: true }).needs,
    { ...none, requestHeaders: true },
  );
  figures.onEnd({ method: "GET", status: 200, ms: 1 } as Exchange);
  assert.is(figures.take()[0]?.exemplars, undefined);
});

exemplars("the last of each method, status and bucket is kept", () => {
  const all = new Exemplars();
  const [get, post] = [{ method: "GET", status: 200 }, {
    method: "POST",
    status: 200,
  }];
  const of = (digit: string, ms: number) => ({ traceId: trace(digit), ms });
  all.note(get, [[0, of("a", 3)], [1, of("b", 80)]], 10);
  all.note(get, [[0, of("c", 2)]], 11);
  all.note(post, [[0, of("d", 1)]], 12);
  assert.equal([...all.of(get) ?? []], [
    [0, { ...of("c", 2), at: 11 }],
    [1, { ...of("b", 80), at: 10 }],
  ]);
  assert.equal(all.of(post)?.size, 1);
  assert.is(all.of({ method: "GET", status: 201 }), undefined);
  all.clear();
  assert.is(all.of(get), undefined);
});

exemplars.run();
