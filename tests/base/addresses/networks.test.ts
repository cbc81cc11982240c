import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import type { Peer } from "../../../src/runtime/runtime.ts";
import { networkTest } from "../../../adapters/shared/sockets/networks.ts";
import { BoundedMap } from "../../../src/base/bounded-map.ts";
import {
  networkProblem,
  peerTest,
} from "../../../src/base/addresses/networks.ts";

const networks = suite("Networks");
const runtime = { networkTest };

/** A peer by its address, or "unix". */
const peerOf = (text: string): Peer =>
  text === "unix" ? { kind: "unix" } : { kind: "tcp", address: text, port: 1 };

networks("peerTest() tells who belongs to a set", () => {
  const cases = [
    [["127.0.0.1", "::1"], ["127.0.0.1", "::1", "::ffff:127.0.0.1"], [
      "127.0.0.2",
      "::2",
      "unix",
      "",
      "nonsense",
    ]],
    [["10.0.0.0/8"], ["10.0.0.0", "10.255.255.255", "::ffff:10.1.2.3"], [
      "11.0.0.0",
      "9.255.255.255",
      "::10.0.0.1",
    ]],
    [["192.0.2.128/25"], ["192.0.2.128", "192.0.2.255"], ["192.0.2.127"]],
    [["2001:db8::/33"], ["2001:db8:7fff::1"], ["2001:db8:8000::1"]],
    [["fe80::/10"], ["fe80::1%eth0", "febf::"], ["fec0::"]],
    [["10.0.0.0/8"], [], ["010.0.0.1", "10.1", "10.0.0.1 ", "0xa.0.0.1"]],
    [["10.0.0.1/32", "::/128"], ["10.0.0.1", "::"], ["10.0.0.0", "::1"]],
    [["::/0"], ["::1", "2001:db8::1"], ["unix", "nonsense"]],
    [["0.0.0.0/0"], ["1.2.3.4"], ["::1", "unix"]],
    [["unix"], ["unix"], ["127.0.0.1"]],
    [["*"], ["unix", "1.2.3.4", "::1"], []],
    [[], [], ["unix", "127.0.0.1"]],
  ] as const;
  for (const [members, inside, outside] of cases) {
    const test = peerTest(members, { runtime });
    // The second answer comes from memory.
    for (const peer of [...inside, ...inside]) {
      assert.is(test(peerOf(peer)), true, `${members}: ${peer}`);
    }
    assert.is(test(undefined), members[0] === "*", "an unknown peer");
    for (const peer of [...outside, ...outside]) {
      assert.is(test(peerOf(peer)), false, `${members}: ${peer}`);
    }
  }
});

networks("peerTest() remembers no more addresses than it may", () => {
  const known = new BoundedMap<string, boolean>(8);
  const test = peerTest(["10.0.0.0/16"], { runtime, known });
  let most = 0;
  for (let at = 0; at < 1000; at++) {
    assert.ok(test(peerOf(`10.0.${at >> 8}.${at & 255}`)));
    assert.not.ok(test(peerOf(`10.1.${at >> 8}.${at & 255}`)));
    most = Math.max(most, known.size);
  }
  assert.is(most, 8);
});

networks("networkProblem() says what is wrong with a member", () => {
  for (const good of ["*", "unix", "::1", "10.0.0.0/8", "::/0", "1.2.3.4/32"]) {
    assert.is(networkProblem(good), undefined, good);
  }
  const bad = [
    ["localhost", /give IP addresses/],
    ["", /give IP addresses/],
    ["/8", /give IP addresses/],
    ["10.0.0.0/33", /a prefix from 0 to 32/],
    ["10.0.0.0/", /a prefix from 0 to 32/],
    ["10.0.0.0/8/8", /a prefix from 0 to 32/],
    ["10.0.0.0/08", /a prefix from 0 to 32/],
    ["::/129", /a prefix from 0 to 128/],
    ["10.0.0.1/8", /bits beyond its prefix of 8/],
  ] as const;
  for (const [text, pattern] of bad) {
    assert.match(networkProblem(text) ?? "none", pattern, text);
  }
});

networks.run();
