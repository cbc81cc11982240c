import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { BoundedMap } from "../../src/base/bounded-map.ts";

const bounded = suite("BoundedMap");

bounded("holds as many keys as it may, and never more", () => {
  const map = new BoundedMap<number, string>(3);
  let most = 0;
  for (let key = 0; key < 20; key++) {
    map.set(key, `${key}`);
    assert.is(map.get(key), `${key}`);
    most = Math.max(most, map.size);
  }
  assert.is(most, 3);
});

bounded("takes a new value for a key without forgetting the others", () => {
  const map = new BoundedMap<string, number>(2);
  map.set("a", 1);
  map.set("b", 2);
  map.set("a", 3);
  assert.equal([map.get("a"), map.get("b"), map.size], [3, 2, 2]);
  map.set("c", 4);
  assert.equal([map.get("a"), map.get("c"), map.size], [undefined, 4, 1]);
});

bounded.run();
