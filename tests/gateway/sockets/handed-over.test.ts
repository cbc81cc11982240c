import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";
import { watchHandedOver } from "../../../src/gateway/sockets/handed-over.ts";
import type { OpenSocket, RawSocket } from "../../../src/runtime/runtime.ts";
import { FakeClock } from "../../support/fake/runtime.ts";

const handedOver = suite("watchHandedOver()");

const REFUSAL = "HTTP/1.1 401 Unauthorized\r\n\r\n";
const SWITCH = "HTTP/1.1 101 Switching Protocols\r\n\r\n";

/** One whose client never closes its half. */
function taken() {
  const clock = new FakeClock();
  const said: string[] = [];
  const written: unknown[][] = [];
  const opened: OpenSocket[] = [];
  const ends: unknown[] = [];
  let leave = () => {};
  const socket = {
    ...{ bytesWritten: 0, writableLength: 0, destroyed: false, writable: true },
    write: (...all: unknown[]) => {
      written.push(all);
      return true;
    },
    end: () => {
      said.push(`${clock.passed()}: end`);
      return "ended";
    },
    destroy: () => void said.push(`${clock.passed()}: destroy`),
    once: (_: string, run: () => void) => void (leave = run),
  } as RawSocket & { bytesWritten: number; writable: boolean };
  socket.bytesWritten = 100;
  const end = (one: unknown) => void ends.push(one);
  let expected = 0;
  const answered = watchHandedOver({ socket, head: new Uint8Array(0), end }, {
    keeper: {
      keep: (one) => {
        opened.push(one);
        said.push(`${clock.passed()}: open`);
        return (end) => void ends.push(end);
      },
      expect() {
        expected++;
        return () => expected--;
      },
    },
    after: (ms, run) => clock.after(ms, run),
    onSilence: () => void said.push(`${clock.passed()}: silence`),
  });
  return {
    clock,
    socket,
    said,
    written,
    opened,
    ends,
    answered,
    leave: () => leave(),
    expected: () => expected,
  };
}

handedOver("one is expected until it is answered, or gone", () => {
  for (const answer of [SWITCH, REFUSAL]) {
    const { socket, expected } = taken();
    assert.is(expected(), 1);
    socket.write(answer);
    assert.is(expected(), 0);
  }
  const { leave, expected } = taken();
  leave();
  assert.is(expected(), 0);
});

handedOver("what is refused is cut where its client does not close", () => {
  const { clock, socket, said } = taken();
  socket.end(REFUSAL);
  clock.pass(60_000);
  assert.equal(said, ["0: end", "5000: destroy"]);
});

handedOver("what is refused and not ended is cut", () => {
  const { clock, socket, said } = taken();
  socket.write(REFUSAL);
  clock.pass(60_000);
  assert.equal(said, ["30000: destroy"]);
});

handedOver("what is refused in two calls is cut after the second", () => {
  const { clock, socket, said } = taken();
  socket.write(REFUSAL);
  clock.pass(1000);
  socket.end("no");
  clock.pass(60_000);
  assert.equal(said, ["1000: end", "6000: destroy"]);
});

handedOver("what is not answered is cut, and named", () => {
  const { clock, said } = taken();
  clock.pass(60_000);
  assert.equal(said, ["30000: silence", "30000: destroy"]);
});

handedOver("what has become a WebSocket has its own times", () => {
  const { clock, socket, said } = taken();
  socket.write(SWITCH);
  clock.pass(60_000);
  socket.end();
  clock.pass(60_000);
  assert.equal(said, ["0: open", "60000: end"]);
});

handedOver("its end tells what was answered, and how much was sent", () => {
  for (
    const [answer, ends] of [
      [SWITCH, [{ bytes: 42 }, { status: 101, bytes: 42 }]],
      [REFUSAL, [{ status: 401, bytes: 42 }]],
      // As where the client of a request has left.
      [undefined, [{ status: 499, bytes: 42 }]],
    ] as const
  ) {
    const one = taken();
    if (answer !== undefined) one.socket.write(answer);
    assert.is(one.answered(), answer !== undefined);
    one.socket.bytesWritten = 142;
    one.leave();
    assert.equal(one.ends, ends);
    one.clock.pass(60_000);
    assert.not.match(one.said.join(), "destroy");
  }
});

handedOver("what follows an answer changes nothing of it", () => {
  const open = taken();
  open.socket.write(SWITCH);
  open.socket.write(new Uint8Array([0x81, 1, 97]));
  open.leave();
  assert.equal(open.ends, [{ bytes: 0 }, { status: 101, bytes: 0 }]);
  const refused = taken();
  refused.socket.write(REFUSAL);
  refused.socket.write("HTTP/1.1 200 OK");
  refused.socket.end("no");
  refused.leave();
  assert.equal(refused.ends, [{ status: 401, bytes: 0 }]);
});

handedOver("an answer that comes with the end is one, too", () => {
  const { socket, ends, expected, leave } = taken();
  assert.is(socket.end(REFUSAL), "ended");
  assert.is(expected(), 0);
  leave();
  assert.equal(ends, [{ status: 401, bytes: 0 }]);
});

handedOver("an answer in bytes is one, and what is none is waited for", () => {
  const { socket, said, written, answered } = taken();
  socket.write("HTTP/1.1 ");
  assert.is(answered(), false);
  const bytes = new TextEncoder().encode(SWITCH);
  const done = () => {};
  assert.is(socket.write(bytes, "utf8", done), true);
  assert.is(answered(), true);
  assert.equal(written, [["HTTP/1.1 "], [bytes, "utf8", done]]);
  assert.equal(said, ["0: open"]);
});

handedOver("corn's word to one is a close frame, while it can be", () => {
  const { socket, opened, written, said } = taken();
  socket.write(SWITCH);
  const [open] = opened;
  open?.close(1012, "Go");
  assert.equal(written.slice(1), [
    [new Uint8Array([0x88, 4, 1012 >> 8, 1012 & 255, 71, 111])],
  ]);
  socket.writable = false;
  open?.close(1012, "Go");
  assert.is(written.length, 2);
  open?.cut();
  assert.equal(said, ["0: open", "0: destroy"]);
});

handedOver.run();
