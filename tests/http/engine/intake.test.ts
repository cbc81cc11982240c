import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { createIntake } from "../../../src/http/engine/intake.ts";
import type {
  Address,
  Source,
  TlsMaterial,
} from "../../../src/runtime/runtime.ts";

const intake = suite("createIntake()");

const address: Address = { kind: "tcp", host: "127.0.0.1", port: 1 };

/** A listening socket that accepts from its start on. */
function listener({ rests = true } = {}) {
  return {
    address,
    accepts: true,
    open: true,
    accept(on: boolean) {
      if (rests) this.accepts = on;
      return rests;
    },
    close() {
      this.open = false;
    },
  };
}

const queue = (descriptor: number): Source => ({
  kind: "descriptor",
  descriptor,
  address,
});

intake("accepts again as soon as there is room", () => {
  const one = listener();
  const places = createIntake(2);
  places.add(queue(3), one);
  const seen = [1, 2, 3, 2, 1, 2].map((connections) => {
    places.count(connections);
    return [one.accepts, places.full];
  });
  assert.equal(seen, [
    [true, false],
    [false, true],
    [false, true],
    [false, true],
    [true, false],
    [false, true],
  ]);
});

intake("lets a socket rest that is added where there is no room", () => {
  const places = createIntake(1);
  const first = listener();
  places.add(queue(3), first);
  places.count(1);
  const later = listener();
  places.add(queue(4), later);
  assert.not.ok(later.accepts, "as the first one does");
  places.count(0);
  assert.ok(first.accepts && later.accepts);
});

intake("lets a socket accept that is added where there is room", () => {
  const places = createIntake(2);
  places.count(1);
  const one = listener();
  places.add(queue(3), one);
  assert.ok(one.accepts);
});

intake("leaves a released socket alone, however many connections end", () => {
  const places = createIntake(1);
  const one = listener();
  places.add(queue(3), one);
  assert.ok(places.release(3));
  places.count(1);
  places.count(0);
  assert.not.ok(one.accepts);
  places.count(1);
  assert.equal(places.reopen(queue(3)), address);
  assert.not.ok(one.accepts, "there is no room");
  places.count(0);
  assert.ok(one.accepts);
});

intake("knows no socket that was not added", () => {
  const places = createIntake(0);
  places.add({ kind: "address", address }, listener());
  assert.not.ok(places.release(3));
  assert.is(places.reopen(queue(3)), undefined);
  assert.is(places.reopen({ kind: "address", address }), undefined);
});

intake("is never full where no socket can rest", () => {
  const places = createIntake(1);
  places.add(queue(3), listener({ rests: false }));
  places.count(1);
  assert.not.ok(places.full);
  assert.is(places.release(3), false);
});

intake("goes on with a socket that could not be released", () => {
  const one = listener();
  const places = createIntake(1);
  places.add(queue(3), {
    ...one,
    accept: (on) => {
      one.accepts = on;
      return one.open;
    },
  });
  one.open = false;
  assert.is(places.release(3), false);
  one.open = true;
  places.count(1);
  assert.is(one.accepts, false);
  places.count(0);
  assert.is(one.accepts, true);
});

intake("takes any number of connections for a limit of 0", () => {
  const one = listener();
  const places = createIntake(0);
  places.add(queue(3), one);
  places.count(10_000);
  assert.ok(one.accepts);
  assert.not.ok(places.full);
});

intake("closes every socket once", () => {
  const all = [listener(), listener()];
  const places = createIntake(1);
  for (const [index, one] of all.entries()) places.add(queue(index), one);
  places.close();
  assert.not.ok(all.some((one) => one.open));
  for (const one of all) one.open = true;
  places.close();
  assert.ok(all.every((one) => one.open));
});

intake("gives newer certificates to all that speak TLS", () => {
  const places = createIntake(0);
  const keyed: number[] = [];
  const material = {} as TlsMaterial;
  for (const at of [1, 2]) {
    places.add(queue(at), {
      ...listener(),
      rekey: (given) => void (given === material && keyed.push(at)),
    });
  }
  places.add(queue(3), listener());
  places.rekey(material);
  assert.equal(keyed, [1, 2]);
});

intake.run();
