import { Buffer } from "node:buffer";
import { Chronicle } from "../../../src/control/chronicle.ts";
import { BODY_BYTES } from "../../../src/control/door/limits.ts";
import { DoorServer } from "../../../src/control/door/server.ts";
import { controlRoutes } from "../../../src/control/routes.ts";
import { load } from "../../config/support.ts";
import { mutate } from "../../http/h1/fuzz.ts";
import { seed, slices } from "../../http/h1/read.ts";
import * as assert from "../../support/assert.ts";
import { FakeClock } from "../../support/fake/clock.ts";
import { FakeStream } from "../../support/fake/stream.ts";
import { FakeSubject } from "../../support/fake/subject.ts";
import { randomFrom } from "../../support/random.ts";
import { suite } from "../../support/suite.ts";

const fuzzing = suite("a door, fuzzed");

const ROUNDS = 2000;
const config = await load();

const get = (target: string, ...lines: string[]) =>
  [`GET ${target} HTTP/1.1`, "Host: localhost", ...lines, "", ""].join("\r\n");

function post(target: string, body: unknown): string {
  const text = JSON.stringify(body);
  return [
    `POST ${target} HTTP/1.1`,
    "Host: localhost",
    "Content-Type: application/json",
    `Content-Length: ${text.length}`,
    "",
    text,
  ].join("\r\n");
}

/** Good requests, each of them told with what follows it. */
const SEEDS = [
  get("/v1/status") + get("/v1/workers/1", "Connection: close"),
  get("/v1/history?after=1&event=log") + get("/v1/config"),
  get("/v1/events?event=note", "Last-Event-ID: 1"),
  get("/v1/requests?query=1") + get("/v1/status?measure=1"),
  get("/v1/events?event=log,sample"),
  get("/v1/metrics") + get("/ready"),
  get("/v1/operations/scale-1?wait=0&seen=2") + get("/v1/status"),
  post("/v1/reload", { canary: 30 }) + get("/v1/operations/reload-1?wait=0"),
  post("/v1/scale", { to: 4 }) + post("/v1/scale", { by: -1 }),
  post("/v1/scale", { to: "auto" }) + post("/v1/stop", { mode: "quick" }),
  post("/v1/workers/2/profile", { seconds: 10 }) +
  get("/v1/operations/profile-1?wait=0"),
  get("/v1/reload") + post("/v1/status", {}),
  post("/v1/workers/all/restart", {}) + post("/v1/workers/1/kill", {}),
  "POST /v1/reopen HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n" +
  "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
];

/** What came of the bytes of one client. */
interface Outcome {
  readonly text: string;
  readonly orders: readonly string[];
  readonly reports: readonly string[];
}

/** Sends pieces to a door with a running corn of its own behind it. */
async function send(pieces: Iterable<Uint8Array>): Promise<Outcome> {
  const subject = new FakeSubject(config);
  const chronicle = new Chronicle(() => subject.date());
  for (const text of ["one", "two"]) chronicle.note({ about: "ready", text });
  const reports: string[] = [];
  const door = new DoorServer({
    routes: controlRoutes({
      subject,
      chronicle,
      began: { at: subject.date(), now: 0 },
    }),
    readOnly: false,
    overNetwork: false,
    most: 16,
    clock: new FakeClock(),
    report: (error) => void reports.push(String(error)),
  });
  const stream = new FakeStream();
  const events = door.accept(stream);
  for (const bytes of pieces) {
    events.onData(bytes.slice());
    // What is answered later comes before the next piece, or with it.
    for (let turn = 0; turn < 4; turn++) await null;
  }
  events.onEnd();
  for (let turn = 0; turn < 20; turn++) await null;
  return { text: stream.text, orders: subject.orders, reports };
}

/** The status of each answer. @throws where they are not whole answers, one after the other */
function statusesOf(text: string): number[] {
  const statuses: number[] = [];
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    const end = rest.indexOf("\r\n\r\n");
    const head = rest.subarray(0, end).toString();
    const [, status] = /^HTTP\/1\.1 (\d{3}) [A-Z][A-Za-z ]+\r?$/m.exec(head) ??
      [];
    assert.ok(end > 0 && status !== undefined, head);
    statuses.push(Number(status));
    rest = rest.subarray(end + 4);
    if (/^content-type: text\/event-stream\r?$/m.test(head)) {
      assert.match(
        rest.toString(),
        /^((id: \d+\n)?event: \w+\ndata: .+\n\n)*$/,
      );
      return statuses;
    }
    const length = Number(/^content-length: (\d+)$/m.exec(head)?.[1] ?? 0);
    // An answer to HEAD has the length and no body.
    const none = rest.length === 0 ||
      rest.subarray(0, 9).toString() === "HTTP/1.1 ";
    if (length === 0 || none) continue;
    const body = rest.subarray(0, length);
    assert.is(body.length, length, "the body is whole");
    if (/^content-type: application\/json/m.test(head)) {
      JSON.parse(body.toString());
    }
    rest = rest.subarray(length);
  }
  return statuses;
}

fuzzing(
  "mutated requests are answered alike however they are cut",
  async () => {
    const random = randomFrom(seed);
    const tally: Record<string, number> = {};
    for (let round = 0; round < ROUNDS; round++) {
      const text = mutate(SEEDS[Math.floor(random() * SEEDS.length)]!, random);
      const bytes = new Uint8Array(Buffer.from(text, "latin1"));
      try {
        const whole = await send([bytes]);
        assert.equal(whole.reports, [], "nothing fails");
        const statuses = statusesOf(whole.text);
        assert.equal(await send(slices(bytes, random)), whole);
        for (const one of [...statuses, ...whole.orders]) {
          const [name = ""] = String(one).split(" ");
          tally[name] = (tally[name] ?? 0) + 1;
        }
      } catch (error) {
        throw new Error(
          `Cannot ask seed ${seed}, input ${round}: ${JSON.stringify(text)}`,
          { cause: error },
        );
      }
    }
    console.log(`\n# seed ${seed}: ${JSON.stringify(tally)}`);
    for (const name of ["200", "202", "400", "404", "405", "415", "reload"]) {
      assert.ok((tally[name] ?? 0) > 0, `${name} was reached`);
    }
  },
);

fuzzing("any bytes end in an answer or in nothing", async () => {
  const random = randomFrom(seed);
  for (let round = 0; round < 200; round++) {
    const length = Math.floor(random() ** 4 * 2 * BODY_BYTES);
    const bytes = Uint8Array.from({ length }, () => random() * 256);
    const { text, orders, reports } = await send(slices(bytes, random));
    assert.equal([orders, reports], [[], []], `seed ${seed}, ${round}`);
    assert.ok(statusesOf(text).every((status) => status >= 400));
  }
});

fuzzing.run();
