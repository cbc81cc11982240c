import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";
import { watchHandedOver } from "../../../src/gateway/sockets/handed-over.ts";
import type { RawSocket } from "../../../src/runtime/runtime.ts";
import { FakeClock } from "../../support/fake/runtime.ts";

const handedOver = suite("watchHandedOver()");

const REFUSAL = "HTTP/1.1 401 Unauthorized\r\n\r\n";
const SWITCH = "HTTP/1.1 101 Switching Protocols\r\n\r\n";

/** One whose client never closes its half. */
function taken() {
  const clock = new FakeClock();
  const said: string[] = [];
  let leave = () => {};
  const socket = {
    ...{ bytesWritten: 0, writableLength: 0, destroyed: false, writable: true },
    write: () => true,
    end: () => void said.push(`${clock.now()}: end`),
    destroy: () => void said.push(`${clock.now()}: destroy`),
    once: (_: string, run: () => void) => void (leave = run),
  } as RawSocket;
  const end = () => {};
  let expected = 0;
  watchHandedOver({ socket, head: new Uint8Array(0), end }, {
    keeper: {
      keep: () => {
        said.push(`${clock.now()}: open`);
        return () => {};
      },
      expect() {
        expected++;
        return () => expected--;
      },
    },
    after: (ms, run) => clock.after(ms, run),
    onSilence: () => void said.push(`${clock.now()}: silence`),
  });
  return {
    clock,
    socket,
    said,
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

handedOver.run();
