import { showRequests } from "../../../src/control/commands/show.ts";
import type { RequestFacts } from "../../../src/control/subject.ts";
import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";
import { span } from "../../../src/control/commands/text.ts";

const show = suite("show");

show("showRequests() lists them, and tells how many are left out", () => {
  const request: RequestFacts = {
    ...{ method: "GET", path: "/report", ms: 1234, state: "running" },
    client: null,
    worker: { slot: 2, pid: 11909, age: 5, generation: 1 },
  };
  const other: RequestFacts = {
    ...request,
    ...{ method: "POST", path: "/a\x1b[2J", ms: 20, state: "waiting" },
    client: "::1",
    worker: { slot: 1, pid: null, age: 4, generation: 1 },
  };
  const text = showRequests({ requests: [request, other], more: 3 });
  assert.equal(text.split("\n"), [
    "FOR    WORKER  PID    STATE    CLIENT  REQUEST",
    "1.2 s  2       11909  running  -       GET /report",
    "20 ms  1       -      waiting  ::1     POST /a\ufffd[2J",
    "… and 3 more",
  ]);
});

show("showRequests() tells the thread where there are several", () => {
  const request: RequestFacts = {
    ...{ method: "GET", path: "/report", ms: 1234, state: "running" },
    ...{ client: null, thread: 3 },
    worker: { slot: 2, pid: 11909, age: 5, generation: 1 },
  };
  const { thread: _, ...other } = request;
  const text = showRequests({ requests: [request, other], more: 0 });
  assert.equal(text.split("\n"), [
    "FOR    WORKER  THREAD  PID    STATE    CLIENT  REQUEST",
    "1.2 s  2       3       11909  running  -       GET /report",
    "1.2 s  2       -       11909  running  -       GET /report",
  ]);
});

show("span() is never below 0, as where the clock was set back", () => {
  assert.is(span(-358), "0 ms");
  assert.is(span(240), "240 ms");
});

show.run();
