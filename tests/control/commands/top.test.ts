import { top } from "../../../src/control/commands/top.ts";
import type { Status } from "../../../src/control/snapshot.ts";
import * as assert from "../../support/assert.ts";
import { FakeRuntime } from "../../support/fake/runtime.ts";
import { suite } from "../../support/suite.ts";

const live = suite("top");

const status: Status = {
  version: "1.2.3",
  runtime: { name: "node", version: "24.0.0" },
  pid: 100,
  app: "app.ts",
  startedAt: "2026-11-28T00:00:00.000Z",
  uptimeMs: 1000,
  state: "serving",
  generation: { number: 1, since: null },
  wanted: 0,
  ready: 0,
  listeners: [],
  tasks: [],
  waiting: null,
  totals: { requests: 0, open: 0, restarts: 0, live: null },
  scale: { min: null, max: null, now: 0, why: null, changedAt: null },
  arbiter: { cpu: null, rssBytes: 5e7 },
  workers: [],
};

const look = () => Promise.resolve(status);
const turn = () => new Promise<void>((resolve) => setTimeout(resolve));

live("it shows one status where nobody looks at a terminal", async () => {
  const runtime = new FakeRuntime();
  await top(runtime, { json: false, look });
  assert.match(runtime.stdout.text, /^corn 1\.2\.3 \(pid 100/);
  assert.not(runtime.stdout.text.includes("\x1b"));
});

live("it shows one status where the terminal cannot be drawn on", async () => {
  const runtime = new FakeRuntime();
  runtime.stdout.terminal = true;
  runtime.env.TERM = "dumb";
  await top(runtime, { json: false, look });
  assert.match(runtime.stdout.text, /^corn 1\.2\.3 \(pid 100/);
  assert.not(runtime.stdout.text.includes("\x1b"));
});

live("another size of the terminal asks corn for nothing", async () => {
  const runtime = new FakeRuntime();
  runtime.stdout.terminal = true;
  let looks = 0;
  const done = top(runtime, {
    json: false,
    look: () => {
      looks++;
      return look();
    },
  });
  await turn();
  for (let count = 0; count < 5; count++) {
    runtime.signal("SIGWINCH");
    await turn();
  }
  assert.is(looks, 1);
  assert.is(runtime.stdout.text.split("\x1b[H").length, 7);
  runtime.terminal.type("q");
  await done;
});

live("q gives the terminal back as it was", async () => {
  const runtime = new FakeRuntime();
  runtime.stdout.terminal = true;
  const done = top(runtime, { json: false, look });
  await turn();
  assert.ok(
    runtime.stdout.text.startsWith("\x1b[?1049h\x1b[?25l\x1b[H\x1b[1mcorn 1"),
  );
  runtime.terminal.type("x");
  runtime.clock.pass(1000);
  await turn();
  const [, ...pictures] = runtime.stdout.text.split("\x1b[H");
  assert.is(pictures.length, 2);
  runtime.terminal.type("q");
  await done;
  assert.ok(runtime.stdout.text.endsWith("\x1b[?25h\x1b[?1049l"));
});

live("q ends it where a corn does not answer", async () => {
  const runtime = new FakeRuntime();
  runtime.stdout.terminal = true;
  const done = top(runtime, { json: false, look: () => new Promise(() => {}) });
  await turn();
  runtime.terminal.type("q");
  await done;
  assert.ok(runtime.stdout.text.endsWith("\x1b[?25h\x1b[?1049l"));
});

live("without colours where NO_COLOR says so", async () => {
  const runtime = new FakeRuntime();
  runtime.stdout.terminal = true;
  runtime.env.NO_COLOR = "1";
  const done = top(runtime, { json: false, look });
  await turn();
  runtime.terminal.type("\x03");
  await done;
  assert.not(runtime.stdout.text.includes("\x1b[1m"));
});

live("the terminal is given back where corn is gone", async () => {
  const runtime = new FakeRuntime();
  runtime.stdout.terminal = true;
  const done = top(runtime, {
    json: false,
    look: () => Promise.reject(new Error("gone")),
  });
  assert.match(String(await done.catch(String)), /gone/);
  assert.ok(runtime.stdout.text.endsWith("\x1b[?25h\x1b[?1049l"));
});

live("--json is a line each second", async () => {
  const runtime = new FakeRuntime();
  const done = top(runtime, { json: true, look });
  await turn();
  runtime.clock.pass(999);
  await turn();
  assert.is(runtime.stdout.text.trim().split("\n").length, 1);
  runtime.clock.pass(1);
  await turn();
  runtime.signal("SIGINT");
  await done;
  assert.equal(runtime.clock.due(), [], "nothing keeps the process");
  const lines = runtime.stdout.text.trim().split("\n");
  assert.equal(lines.map((line) => JSON.parse(line)), [status, status]);
});

live("--json ends where nobody reads it any more", async () => {
  const runtime = new FakeRuntime();
  runtime.stdout.gone = true;
  await top(runtime, { json: true, look });
  assert.is(runtime.stdout.text, "");
});

live.run();
