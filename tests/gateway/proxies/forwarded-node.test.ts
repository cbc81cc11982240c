import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { BoundedMap } from "../../../src/base/bounded-map.ts";
import { parseEntry } from "../../../src/gateway/proxies/forwarded-node.ts";

const hop = suite("parseEntry()");

hop("reads an entry the same each time", () => {
  const entries = ["192.0.2.1:80", "2001:DB8::1", "[2001:db8::1]:8080"];
  const first = entries.map((one) => parseEntry(one));
  assert.equal(first.map((one) => one?.kind === "tcp" && one.address), [
    "192.0.2.1",
    "2001:db8::1",
    "2001:db8::1",
  ]);
  assert.equal(entries.map((one) => parseEntry(one)), first);
  for (const bad of ["192.0.2.256", "nobody", "192.0.2.256"]) {
    assert.is(parseEntry(bad), undefined);
  }
});

hop("tells more clients apart than it remembers", () => {
  const known: Parameters<typeof parseEntry>[1] = new BoundedMap(8);
  let most = 0;
  for (let number = 0; number < 1000; number++) {
    const address = `10.0.${number >> 8}.${number & 255}`;
    for (const round of ["first", "second"]) {
      const hop = parseEntry(address, known);
      assert.equal(hop, { kind: "tcp", address, port: 0 }, round);
    }
    most = Math.max(most, known.size);
  }
  assert.is(most, 8);
});

hop("remembers no entry that is longer than any address", () => {
  const known: Parameters<typeof parseEntry>[1] = new BoundedMap(8);
  const long = `192.0.2.1:_${"a".repeat(100)}`;
  assert.is(parseEntry(long, known)?.kind, "tcp");
  assert.is(known.size, 0);
});

hop.run();
