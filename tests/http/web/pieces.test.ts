import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { Pieces } from "../../../src/http/web/pieces.ts";
import { randomFrom } from "../../support/random.ts";

const pieces = suite("Pieces");
const bytes = Uint8Array.from({ length: 5000 }, (_, at) => at % 251);

pieces("small ones are put together, in order with large ones", () => {
  for (const lent of [true, false]) {
    const random = randomFrom(7);
    const held = new Pieces();
    const expected: number[] = [];
    const given: number[] = [];
    for (let count = 0; count < 3000; count++) {
      const from = Math.floor(random() * 1000);
      const size = random() < 0.9
        ? Math.floor(random() * 20)
        : Math.floor(random() * 4000);
      const source = bytes.slice();
      held.add(source, { from, to: from + size, lent });
      expected.push(...bytes.subarray(from, from + size));
      if (lent) source.fill(0);
      if (random() < 0.1) given.push(...held.shift() ?? []);
    }
    assert.is(held.size, expected.length - given.length);
    const left = held.take();
    assert.ok(left.length < 1500);
    for (const piece of left) given.push(...piece);
    assert.equal(given, expected);
    assert.is(held.size, 0);
    assert.is(held.shift(), undefined);
  }
});

pieces("a million bytes, one by one, are a few pieces", () => {
  const held = new Pieces();
  for (let count = 0; count < 1_000_000; count++) {
    held.add(bytes, { from: 65, to: 66, lent: false });
  }
  const all = held.take();
  assert.ok(all.length < 30, `${all.length}`);
  const memory = all.reduce((sum, one) => sum + one.buffer.byteLength, 0);
  assert.ok(memory < 1_200_000, `${memory}`);
});

pieces("each is given in its turn, and then none", () => {
  const held = new Pieces();
  const add = (to: number) => held.add(bytes, { from: 0, to, lent: true });
  const lengths = () =>
    Array.from({ length: 4 }, () => held.shift()?.length ?? 0);
  for (const size of [3000, 5, 4, 2048, 7]) add(size);
  assert.is(held.size, 5064);
  assert.equal(lengths(), [3000, 9, 2048, 7]);
  assert.equal([held.shift(), held.size], [undefined, 0]);
});

pieces("what is put together takes no more memory than it needs", () => {
  const held = new Pieces();
  for (const to of [3000, 5, 4]) held.add(bytes, { from: 0, to, lent: true });
  const memory = held.take().map(({ buffer }) => buffer.byteLength);
  assert.equal(memory, [3000, 9]);
});

pieces.run();
