import { giveOrder } from "../../../src/control/commands/give-order.ts";
import type { Request } from "../../../src/control/commands/give-order.ts";
import type { Order } from "../../../src/control/commands/options.ts";
import type {
  Outlet,
  OutletEvents,
  Runtime,
} from "../../../src/runtime/runtime.ts";
import * as assert from "../../support/assert.ts";
import { FakeClock, settle } from "../../support/fake/clock.ts";
import { suite } from "../../support/suite.ts";

const orders = suite("giveOrder()");

/** What corn answers: a status and JSON; nothing, where it ends; undefined where it goes on thinking. */
type Answer = readonly [number, object] | "ended" | undefined;

const BEGUN: Answer = [202, { operation: "stop-1" }];

function report(given: object = {}): Answer {
  const one = { operation: "stop-1", state: "done", message: "Stopped" };
  return [200, { ...one, step: 1, tookMs: 5, ...given }];
}

/** An order given to a corn that answers so, one question after the other. */
function give(
  answers: readonly Answer[],
  { order = {}, request = {}, living = () => false, kinds = {} }: {
    readonly order?: Partial<Order>;
    readonly request?: Partial<Request>;
    readonly living?: (pid: number) => boolean;
    readonly kinds?: Record<string, string>;
  } = {},
) {
  const clock = new FakeClock();
  const asked: string[] = [];
  const said: string[] = [];
  const looks: number[] = [];
  const left = [...answers];
  const dial = (_receiver: unknown, events: OutletEvents): Outlet => {
    let open = true;
    queueMicrotask(() => events.onOpen?.());
    return {
      send(bytes) {
        const [line = ""] = new TextDecoder().decode(bytes).split("\r\n", 1);
        asked.push(line.slice(0, -" HTTP/1.1".length));
        const answer = left.shift();
        if (answer === undefined) return;
        queueMicrotask(() => {
          if (!open) return;
          if (answer === "ended") return events.onShut(undefined);
          const body = JSON.stringify(answer[1]);
          const head = `HTTP/1.1 ${answer[0]} X\r\ncontent-length: `;
          const text = `${head}${body.length}\r\n\r\n${body}`;
          events.onData?.(new TextEncoder().encode(text));
        });
      },
      close: () => void (open = false),
    };
  };
  const runtime = {
    ...{ clock, dial, answers: () => Promise.resolve(left.length > 0) },
    signals: {
      exists(pid: number) {
        looks.push(clock.passed());
        return living(pid);
      },
    },
    files: { kind: (path: string) => kinds[path] },
  } as unknown as Runtime;
  const printer = {
    say: (text: string) => void said.push(text),
    complain: (text: string) => void said.push(`! ${text}`),
    tell: (text: string) => void said.push(`${text}\n`),
    json: (value: unknown) => void said.push(JSON.stringify(value)),
  };
  let end: unknown;
  const done = giveOrder(
    runtime,
    { command: "stop", words: [], wait: true, ...order } as unknown as Order,
    { path: "/corn.sock", target: "/v1/stop", printer, ...request },
  ).then((code) => end = code, (error) => end = error.message);
  return {
    ...{ clock, asked, said, looks, done, end: () => end },
    async pass(ms: number) {
      clock.pass(ms);
      await settle();
    },
  };
}

orders("it is asked on from the last step that was seen", async () => {
  const { asked, said, done, end } = give([
    BEGUN,
    report({ state: "running", step: 3 }),
    report({ step: 4 }),
  ]);
  await done;
  assert.is(end(), 0);
  assert.equal(asked, [
    "POST /v1/stop",
    "GET /v1/operations/stop-1?wait=30&seen=0",
    "GET /v1/operations/stop-1?wait=30&seen=3",
  ]);
  assert.is(said.at(-1), "Stopped\n");
});

orders("its questions wait no longer than it may", async () => {
  const { asked, pass, end } = give(
    [BEGUN, report({ state: "running", step: 2 })],
    { order: { timeoutMs: 31_500 } },
  );
  await settle();
  assert.equal(asked.slice(1), [
    "GET /v1/operations/stop-1?wait=30&seen=0",
    "GET /v1/operations/stop-1?wait=30&seen=2",
  ]);
  await pass(31_549);
  assert.is(end(), undefined);
  await pass(1);
  assert.is(end(), "stop-1 is not done in time; it goes on");
  const short = give([BEGUN], { order: { timeoutMs: 1500 } });
  await settle();
  assert.is(short.asked.at(-1), "GET /v1/operations/stop-1?wait=2&seen=0");
});

orders(
  "an order that is not answered in time may be carried out yet",
  async () => {
    const { pass, end } = give([], { order: { timeoutMs: 1000 } });
    await settle();
    await pass(999);
    assert.is(end(), undefined);
    await pass(1);
    assert.match(String(end()), /^corn did not answer in time; it may do yet/);
    const long = give([], { order: { timeoutMs: 60_000 } });
    await settle();
    await long.pass(10_000);
    assert.is(long.end(), "it does not answer");
  },
);

orders(
  "what is ready is counted in one line, anew behind another",
  async () => {
    let step = 1;
    const at = (ready: number, given: object = {}) =>
      report({
        ...{ state: "running", step: step++, generation: 2, tookMs: 40 },
        ...{ progress: { ready, wanted: 9 }, ...given },
      });
    const counts = { requests: 1, failures: 0 };
    const canary = { worker: 1, leftMs: 0, fresh: counts, old: counts };
    const { said, done } = give([
      ...[BEGUN, at(0), at(1), at(1), at(2), at(2, { canary })],
      ...[at(3, { canary }), at(4), at(1, { generation: 3 }), report()],
    ]);
    await done;
    const lines = said.filter((text) => !text.startsWith("{")).join("");
    assert.equal(lines.split("\n"), [
      "generation 2: 1 of 9 ready in 40 ms … 2",
      "Canary: 0 of 1 (0 %) of its answers failed, of the others' 0 of 1 (0 %); judged now",
      "generation 2: 3 of 9 ready in 40 ms … 4",
      "generation 3: 1 of 9 ready in 40 ms",
      ...["Stopped", ""],
    ]);
  },
);

orders("what ends by it may end before it has answered", async () => {
  let lives = true;
  const { said, looks, pass, end } = give(
    [BEGUN, report({ state: "running", step: 2 }), "ended"],
    { request: { ending: 7 }, living: () => lives },
  );
  await settle();
  assert.equal(looks, [0]);
  await pass(49);
  assert.equal(looks, [0]);
  await pass(1);
  assert.equal(looks, [0, 50]);
  lives = false;
  await pass(50);
  assert.is(end(), 0);
  assert.equal(JSON.parse(said.at(-2) ?? ""), {
    ...{ operation: "stop-1", state: "done", message: "Stopped" },
    ...{ step: 3, tookMs: 0 },
  });
  // Of any other order that is no end.
  const other = give([BEGUN, "ended"]);
  await other.done;
  assert.is(other.end(), "the connection ended before the answer");
  const goesOn = give([BEGUN, "ended", BEGUN], { request: { ending: 7 } });
  await goesOn.done;
  assert.is(goesOn.end(), "the connection ended before the answer");
});

orders("a file is told where this process finds it", async () => {
  const file = "/tmp/corn-1.heapsnapshot";
  const seen = `/proc/7/root${file}`;
  const told = async (kinds: Record<string, string>, given: object) => {
    const { said, done } = give([BEGUN, report(given)], {
      ...{ kinds, request: { writer: 7 } },
    });
    await done;
    return JSON.parse(said[0] ?? "");
  };
  const given = { file, message: file };
  const both = { [file]: "file", [seen]: "file" };
  assert.is((await told(both, given)).file, file);
  const { file: found, message } = await told({ [seen]: "file" }, given);
  assert.equal([found, message], [seen, seen]);
  assert.is((await told({}, given)).file, file, "nowhere");
  assert.is(
    (await told({ "/proc/7/rootundefined": "file" }, {})).file,
    undefined,
  );
});

orders.run();
