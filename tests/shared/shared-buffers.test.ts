import { sharedBuffer } from "../../shared.ts";
import * as assert from "../support/assert.ts";
import { suite } from "../support/suite.ts";

const shared = suite("sharedBuffer()");

/** How a call fails. */
async function failure(name: unknown, bytes: unknown): Promise<string> {
  try {
    await sharedBuffer(name as string, bytes as number);
  } catch (error) {
    return String(error);
  }
  return "";
}

shared("gives the same memory for the same name and size", async () => {
  const one = await sharedBuffer("same", 8);
  assert.is(one.byteLength, 8);
  assert.is(await sharedBuffer("same", 8), one);
  assert.is.not(await sharedBuffer("another", 8), one);
  assert.is(
    await failure("same", 16),
    'RangeError: Cannot share "same" as 16 bytes: it has 8',
  );
});

shared("says what is wrong with a size", async () => {
  for (const bytes of [0, -1, 1.5, NaN, "8", undefined]) {
    assert.is(
      await failure("odd", bytes),
      `RangeError: Cannot share "odd": ${bytes} is no number of bytes`,
    );
  }
  assert.match(
    await failure("huge", 2 ** 52),
    /^RangeError: Cannot share "huge" as 4503599627370496 bytes: /,
  );
  assert.is((await sharedBuffer("huge", 4)).byteLength, 4);
});

shared("takes text for a name alone, in threads as without", async () => {
  for (const name of [undefined, 7, Symbol("a"), {}]) {
    assert.is(
      await failure(name, 4),
      `TypeError: Cannot share memory: its name is no text but ${typeof name}`,
    );
  }
});

shared.run();
