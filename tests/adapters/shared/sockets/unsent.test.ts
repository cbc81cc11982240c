/** What waits to be written: all of it, in order, in few pieces. */
import { Buffer } from "node:buffer";
import { Unsent } from "../../../../adapters/shared/sockets/unsent.ts";
import * as assert from "../../../support/assert.ts";
import { anySeed, randomFrom } from "../../../support/random.ts";
import { suite } from "../../../support/suite.ts";

const unsent = suite("Unsent");

unsent("first gives what was added, however it is taken", () => {
  const seed = anySeed();
  console.log(`# seed ${seed}`);
  const random = randomFrom(seed);
  const upTo = (most: number) => Math.floor(random() * (most + 1));
  const waits = new Unsent();
  const added: Uint8Array[] = [];
  const taken: Uint8Array[] = [];
  for (let turn = 0; turn < 3000; turn++) {
    if (random() < 0.6) {
      const bytes = Uint8Array.from(
        { length: upTo(random() < 0.1 ? 40_000 : 200) },
        () => turn,
      );
      added.push(bytes.slice());
      const lent = random() < 0.5;
      waits.add(bytes, lent);
      if (lent) bytes.fill(255);
    } else {
      const { first } = waits;
      const count = random() < 0.5 ? first.length : upTo(first.length);
      taken.push(first.slice(0, count));
      waits.drop(count);
    }
  }
  while (waits.size > 0) {
    const { first } = waits;
    taken.push(first.slice());
    waits.drop(first.length);
  }
  assert.is(waits.first.length, 0);
  assert.is(Buffer.compare(Buffer.concat(taken), Buffer.concat(added)), 0);
});

unsent(
  "add puts small parts together, and keeps large ones as they are",
  () => {
    const waits = new Unsent();
    for (let count = 0; count < 10_000; count++) {
      waits.add(new Uint8Array(100), true);
    }
    const large = new Uint8Array(100_000);
    waits.add(large, false);
    assert.is(waits.size, 1_100_000);
    let pieces = 0;
    let last = waits.first;
    for (; waits.size > 0; pieces++) {
      last = waits.first;
      waits.drop(last.length);
    }
    assert.ok(pieces < 25, `${pieces} pieces`);
    assert.is(last.buffer, large.buffer);
  },
);

unsent.run();
