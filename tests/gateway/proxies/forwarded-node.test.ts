import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { parseEntry } from "../../../src/gateway/proxies/forwarded-node.ts";

const hop = suite("parseEntry()");

hop("reads an entry the same each time", () => {
  const entries = ["192.0.2.1:80", "2001:DB8::1", "[2001:db8::1]:8080"];
  const first = entries.map(parseEntry);
  assert.equal(first.map((one) => one?.kind === "tcp" && one.address), [
    "192.0.2.1",
    "2001:db8::1",
    "2001:db8::1",
  ]);
  assert.equal(entries.map(parseEntry), first);
  for (const bad of ["192.0.2.256", "nobody", "192.0.2.256"]) {
    assert.is(parseEntry(bad), undefined);
  }
});

hop("tells more clients apart than it remembers", () => {
  for (let round = 0; round < 2; round++) {
    for (let number = 0; number < 3000; number++) {
      const address = `10.0.${number >> 8}.${number & 255}`;
      assert.equal(parseEntry(address), { kind: "tcp", address, port: 0 });
    }
  }
});

hop.run();
