import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import {
  readWatchRecord,
  WATCH_BYTES,
  WATCH_TEXT_AT,
  watchMark,
} from "../../src/exchange/watch-record.ts";

const record = suite("watch record");

record("it is read as far as its length says, which may be anything", () => {
  const bytes = new Uint8Array(WATCH_BYTES);
  const view = new DataView(bytes.buffer);
  assert.is(readWatchRecord(bytes), undefined);
  bytes.set(new TextEncoder().encode("{}more"), WATCH_TEXT_AT);
  view.setInt32(16, 2, true);
  assert.is(readWatchRecord(bytes), "{}");
  for (const length of [-1, WATCH_BYTES, 2 ** 31 - 1]) {
    view.setInt32(16, length, true);
    assert.is(readWatchRecord(bytes), undefined);
  }
  assert.is(readWatchRecord(new Uint8Array(3)), undefined);
  assert.is(readWatchRecord(undefined), undefined);
});

record("its mark is another than that of the flight record", () => {
  const mark = Uint8Array.from({ length: 16 }, (_, at) => at);
  assert.equal([...watchMark(mark)].slice(0, 3), [15, 14, 13]);
  assert.is(mark[0], 0);
});

record.run();
