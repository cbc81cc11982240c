import {
  ClientFailure,
  isAbort,
  isBrokenSocket,
  isDeparture,
  isGivenUp,
  isLateForStream,
  noteDeparture,
  noteRefusal,
  refusalOf,
} from "../../../src/base/http/client-failure.ts";
import * as assert from "../../support/assert.ts";
import { systemError } from "../../support/fake/runtime.ts";
import { suite } from "../../support/suite.ts";

const failures = suite("failures of clients");

/** Causes an error so many times over. */
function within(levels: number, cause: unknown): unknown {
  let error = cause;
  for (let level = 0; level < levels; level++) {
    error = new Error("", { cause: error });
  }
  return error;
}

const revoked = Proxy.revocable({}, {});
revoked.revoke();

/** What is no error of a kind, whatever asks; the last throws when it is looked at. */
const OTHERS: readonly unknown[] = [
  ...[undefined, null, "AbortError", 7, new Error("else"), {}],
  ...[new TypeError("else"), { code: 7 }, revoked.proxy],
];

const kinds = [
  ["isDeparture", isDeparture, [
    new ClientFailure("it left"),
    new TypeError("unexpected EOF while reading HTTP/1 body"),
  ]],
  ["isAbort", isAbort, [
    new DOMException("", "AbortError"),
    new ClientFailure("it left"),
    systemError("ABORT_ERR"),
  ]],
  ["isBrokenSocket", isBrokenSocket, [systemError("WS_ERR_INVALID_OPCODE")]],
  ["isLateForStream", isLateForStream, [
    new TypeError("Invalid state: Controller is already closed"),
    new TypeError("The stream controller cannot close or enqueue"),
  ]],
  ["isGivenUp", isGivenUp, [
    new DOMException("", "AbortError"),
    ...["ABORT_ERR", "ECONNRESET", "EPIPE"].map(systemError),
  ]],
] as const;
for (const [name, is, yes] of kinds) {
  failures(`${name}() looks at causes, and at nothing else`, () => {
    for (const error of yes) {
      assert.is(is(error), true);
      assert.is(is(within(7, error)), true);
      assert.is(is(within(8, error)), false, "so deep nothing is looked at");
    }
    for (const other of OTHERS) assert.is(is(other), false);
  });
}

failures("isLateForStream() is for errors of streams, by class", () => {
  const text = "Invalid state: Controller is already closed";
  assert.is(isLateForStream(new Error(text)), false);
});

failures("what a runtime has thrown is remembered", () => {
  const [left, refused] = [new Error("left"), new Error("refused")];
  noteDeparture(left);
  noteRefusal(refused, 413);
  for (const nothing of [undefined, null, "left"]) {
    noteDeparture(nothing);
    noteRefusal(nothing, 400);
    assert.equal([isDeparture(nothing), refusalOf(nothing)], [
      ...[false, undefined],
    ]);
  }
  assert.equal([isDeparture(within(1, left)), refusalOf(left)], [
    ...[true, undefined],
  ]);
  assert.equal([isDeparture(refused), refusalOf(within(1, refused))], [
    ...[false, 413],
  ]);
});

failures("an error that is its own cause comes to an end", () => {
  const own: Error & { cause?: unknown } = new Error("itself");
  own.cause = own;
  assert.is(isAbort(own), false);
});

failures.run();
