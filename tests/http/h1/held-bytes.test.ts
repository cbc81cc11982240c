import { HeldBytes } from "../../../src/http/h1/held-bytes.ts";
import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";

const bytes = suite("HeldBytes");

bytes("are given in order, once", () => {
  const held = new HeldBytes();
  assert.equal([held.empty, held.take()], [true, undefined]);
  for (const part of [[1, 2], [3], [4, 5, 6]]) {
    held.add(Uint8Array.from(part), false);
    assert.is(held.empty, false);
  }
  assert.equal([...held.take() ?? []], [1, 2, 3, 4, 5, 6]);
  assert.equal([held.empty, held.full, held.take()], [true, false, undefined]);
});

bytes("are copied where they are lent, and only there", () => {
  const held = new HeldBytes();
  const part = Uint8Array.of(1, 2);
  held.add(part, true);
  part.fill(0);
  assert.equal([...held.take() ?? []], [1, 2]);
  held.add(part, false);
  assert.ok(held.take() === part);
});

bytes("are enough at 16 KiB", () => {
  const held = new HeldBytes();
  assert.is(held.full, false);
  held.add(new Uint8Array(16 * 1024 - 1), false);
  assert.is(held.full, false);
  held.add(new Uint8Array(1), false);
  assert.is(held.full, true);
});

bytes.run();
