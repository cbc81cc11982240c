import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { takeRefused } from "../../../src/exchange/refused.ts";
import type {
  App,
  AppContext,
  FetchApp,
  NodeApp,
} from "../../../src/gateway/app/app.ts";
import { Contradiction } from "../../../src/gateway/proxies/forwarded.ts";
import { Refusals } from "../../../src/gateway/proxies/refusals.ts";
import { FakeOutgoing } from "../call/outgoing.ts";

const refusals = suite("Refusals");

function begin() {
  const reports: string[] = [];
  const one = new Refusals((text) => void reports.push(text));
  const fetch = one.wrap({ style: "fetch", call: () => "app" } as App);
  const node = one.wrap({ style: "node", call: () => "app" } as App);
  return {
    ...{ one, reports },
    ask: (request: Request) =>
      (fetch.call as FetchApp)(request, undefined, {} as AppContext),
    listen: (incoming: object) => {
      const outgoing = new FakeOutgoing();
      const answer = (node.call as NodeApp)(incoming, outgoing);
      return answer ?? [outgoing.statusCode, outgoing.body];
    },
  };
}

const request = () => new Request("http://localhost/");

refusals("what a request says itself is refused where the app is", async () => {
  takeRefused();
  for (
    const [status, text] of [
      [400, "Bad Request\n"],
      [421, "Misdirected Request\n"],
      [501, "Not Implemented\n"],
      [505, "Bad Request\n"],
    ] as const
  ) {
    const { one, ask, listen } = begin();
    const asked = request();
    one.refuse(asked, { status });
    assert.is(ask(request()), "app", "another one");
    const answer = ask(asked) as Response;
    assert.equal([answer.status, await answer.text()], [status, text]);
    assert.is(ask(asked), "app", "it is answered once");
    const incoming = {};
    one.refuse(incoming, { status });
    assert.is(listen({}), "app");
    assert.equal(listen(incoming), [status, text]);
    assert.is(listen(incoming), "app");
  }
  const counted = takeRefused().map(([reason, status, count]) =>
    `${reason} ${status} ${count}`
  );
  assert.equal(counted, [
    "request 400 2",
    "request 421 2",
    "request 501 2",
    "request 505 2",
  ]);
});

refusals("what proxies say is refused with 400, and reported", () => {
  const { one, ask, reports } = begin();
  const asked = request();
  one.contradict(asked, new Contradiction("two schemes"));
  // The last that is known counts, and it is one request still.
  one.refuse(asked, { status: 421 });
  assert.equal(reports, [
    "Refused a request of a trusted proxy with 400: two schemes",
  ]);
  assert.is((ask(asked) as Response).status, 421);
  const other = request();
  one.contradict(other, new Contradiction("no address"));
  assert.is((ask(other) as Response).status, 400);
});

refusals.run();
