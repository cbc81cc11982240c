import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import {
  createMark,
  FlightRecorder,
  markText,
  NO_SEAT,
  readFlightRecord,
  RECORD_BYTES,
  SEATS,
} from "../../src/exchange/flight-record.ts";
import { anySeed, randomFrom } from "../support/random.ts";

const record = suite("flight record");

const get = (url: string) => ({ method: "GET", url });
const read = (recorder: FlightRecorder) => readFlightRecord(recorder.copy());

record("a mark is of any bytes", () => {
  const mark = createMark(() => 0.999);
  assert.ok(mark.every((byte) => byte === 255));
  assert.ok(createMark(() => 0.5).every((byte) => byte === 128));
});

record("it names the request whose handler has the event loop", () => {
  const recorder = new FlightRecorder();
  assert.equal(read(recorder), { atWork: undefined, begun: 0, waiting: [] });
  for (
    const [url, path] of [
      ["http://localhost:8000/a/b?secret=1#y", "/a/b"],
      ["http://localhost", "/"],
      ["http://localhost?x=1", "/"],
      ["/a?next=http://other/b", "/a"],
      ["*", "*"],
      ["/caf\u00e9\u{1f40d}", "/caf???"],
      [`/${"x".repeat(1000)}`, `/${"x".repeat(235)}`],
    ] as const
  ) {
    const seat = recorder.begin({ method: "GET", url });
    assert.is(read(recorder)?.atWork?.path, path);
    assert.is(read(recorder)?.atWork?.method, "GET");
    recorder.leave();
    recorder.end(seat);
    assert.is(read(recorder)?.atWork, undefined);
    assert.equal(read(recorder)?.waiting, []);
  }
  assert.is(read(recorder)?.begun, 7);
  recorder.begin({});
  assert.is(read(recorder)?.atWork?.path, "-");
});

record("it keeps what is answered later, with its age at the last beat", () => {
  const recorder = new FlightRecorder();
  const first = recorder.defer(recorder.begin(get("/first")), 100);
  recorder.leave();
  recorder.defer(recorder.begin(get("/second")), 250);
  recorder.leave();
  recorder.beat(200);
  recorder.begin(get("/now"));
  const { atWork, waiting } = read(recorder)!;
  assert.is(atWork?.path, "/now");
  assert.equal(waiting, [
    { method: "GET", path: "/first", ms: 100 },
    { method: "GET", path: "/second", ms: -50 },
  ]);
  recorder.end(first);
  assert.equal(read(recorder)?.waiting.map(({ path }) => path), ["/second"]);
});

record("what is at work does not wait as well, though put aside", () => {
  const recorder = new FlightRecorder();
  recorder.defer(recorder.begin(get("/first")), 100);
  recorder.leave();
  // A Node listener's is, before it is called.
  recorder.defer(recorder.begin(get("/now")), 200);
  const paths = () => read(recorder)?.waiting.map(({ path }) => path);
  assert.is(read(recorder)?.atWork?.path, "/now");
  assert.equal(paths(), ["/first"]);
  recorder.leave();
  assert.equal(paths()?.toSorted(), ["/first", "/now"]);
});

record("it always has a seat for the request at work", () => {
  const recorder = new FlightRecorder();
  const seats = Array.from({ length: 100 }, (_, count) => {
    const seat = recorder.begin(get(`/${count}`));
    assert.is(read(recorder)?.atWork?.path, `/${count}`);
    const kept = recorder.defer(seat, count);
    recorder.leave();
    return kept;
  });
  assert.is(seats.filter((seat) => seat === NO_SEAT).length, 100 - (SEATS - 1));
  assert.is(read(recorder)?.waiting.length, SEATS - 1);
  for (const seat of seats) recorder.end(seat);
  assert.equal(read(recorder), {
    atWork: undefined,
    begun: 100,
    waiting: [],
  });
});

record("its mark is found once, as bytes", () => {
  const mark = createMark(Math.random);
  const memory = new ArrayBuffer(RECORD_BYTES);
  const recorder = new FlightRecorder(memory);
  recorder.mark(markText(mark));
  const begin = (bytes: Uint8Array) => [...bytes.subarray(0, mark.length)];
  assert.equal(begin(new Uint8Array(memory)), [...mark]);
  // One in a copy would be found in place of that.
  assert.equal(begin(recorder.copy()), [...mark].map(() => 0));
});

record("whatever a worker writes, reading it does not fail", () => {
  const seed = anySeed();
  const random = randomFrom(seed);
  let records = 0;
  for (let round = 0; round < 2000; round++) {
    const recorder = new FlightRecorder();
    recorder.defer(recorder.begin(get("/a")), 1);
    const bytes = recorder.copy();
    for (let count = random() * 40; count > 0; count--) {
      bytes[Math.floor(random() * RECORD_BYTES)] = Math.floor(random() * 256);
    }
    const found = readFlightRecord(bytes);
    if (found === undefined) continue;
    records++;
    for (const { method, path, ms } of found.waiting) {
      assert.ok(method.length + path.length < 256, `seed ${seed}`);
      assert.ok(Number.isFinite(ms), `seed ${seed}`);
    }
  }
  assert.ok(records > 100, `${records} records, seed ${seed}`);
  assert.is(readFlightRecord(new Uint8Array(3)), undefined);
  assert.is(readFlightRecord(undefined), undefined);
});

record("where no seat is free a request is at work without one", () => {
  const recorder = new FlightRecorder();
  const seats = Array.from(
    { length: SEATS + 1 },
    (_, at) => recorder.begin(get(`/${at}`)),
  );
  assert.is(new Set(seats).size, SEATS + 1);
  assert.is(seats.at(-1), NO_SEAT);
  assert.is(recorder.defer(NO_SEAT, 5), NO_SEAT);
  recorder.end(NO_SEAT);
  assert.is(recorder.begin(get("/more")), NO_SEAT);
  assert.is(read(recorder)?.atWork, undefined);
  assert.is(read(recorder)?.begun, SEATS + 2);
});

record("a path is told in ASCII that a terminal obeys nothing of", () => {
  const recorder = new FlightRecorder();
  recorder.begin(get("/~a\x7f\x80é\u20ac"));
  assert.is(read(recorder)?.atWork?.path, "/~a????");
});

record.run();
