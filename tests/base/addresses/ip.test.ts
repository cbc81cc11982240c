import { isIP } from "node:net";
import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { formatIp, parseIp, unmapped } from "../../../src/base/addresses/ip.ts";
import { anySeed, randomFrom } from "../../support/random.ts";

const ip = suite("IP addresses");

const GOOD = [
  ["0.0.0.0", "0.0.0.0"],
  ["255.255.255.255", "255.255.255.255"],
  ["192.0.2.1", "192.0.2.1"],
  ["::", "::"],
  ["::1", "::1"],
  ["1::", "1::"],
  ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
  ["2001:db8::1:0:0:1", "2001:db8::1:0:0:1"],
  ["2001:0db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
  ["::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"],
  ["::ffff:192.0.2.1", "::ffff:192.0.2.1"],
  ["::ffff:c000:201", "::ffff:192.0.2.1"],
  ["1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"],
] as const;

const BAD = [
  "",
  "1",
  "1.2.3",
  "1.2.3.4.5",
  "1.2.3.256",
  "01.2.3.4",
  "1.2.3.4 ",
  " 1.2.3.4",
  "1.2.3.-4",
  "1..3.4",
  "0x1.2.3.4",
  ":",
  ":::",
  "::1::",
  "1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7:8:9",
  "1:2:3:4:5:6:7:8::",
  "::1:2:3:4:5:6:7:8",
  ":1:2:3:4:5:6:7:8",
  "1:2:3:4:5:6:7:8:",
  "12345::",
  "g::",
  "::1.2.3",
  "::1.2.3.4:5",
  "1:2:3:4:5:6:7:1.2.3.4",
  "fe80::1%lo",
  "[::1]",
];

ip("parseIp() and formatIp() write each address in one way", () => {
  for (const [text, canonical] of GOOD) {
    const bytes = parseIp(text);
    assert.ok(bytes, text);
    assert.is(formatIp(bytes), canonical);
    assert.equal(parseIp(canonical), bytes);
  }
});

ip("parseIp() refuses what is no address", () => {
  for (const text of BAD) assert.is(parseIp(text), undefined, text);
});

ip("parseIp() agrees with the system on random texts", () => {
  const seed = anySeed();
  const random = randomFrom(seed);
  const pick = (text: string) => text[Math.floor(random() * text.length)]!;
  let good = 0;
  for (let round = 0; round < 20_000; round++) {
    let text = formatIp(
      Uint8Array.from(
        { length: random() < 0.5 ? 4 : 16 },
        () => random() < 0.6 ? 0 : Math.floor(random() * 256),
      ),
    );
    if (random() < 0.7) {
      const at = Math.floor(random() * (text.length + 1));
      text = text.slice(0, at) + pick("01259af:.:") +
        text.slice(at + (random() < 0.5 ? 1 : 0));
    }
    const is = isIP(text) !== 0;
    assert.is(parseIp(text) !== undefined, is, `seed ${seed}: ${text}`);
    if (is) good++;
  }
  assert.ok(good > 5000);
});

ip("unmapped() gives the IPv4 address inside", () => {
  const inside = (text: string) => formatIp(unmapped(parseIp(text)!));
  assert.is(inside("::ffff:10.0.0.1"), "10.0.0.1");
  assert.is(inside("::10.0.0.1"), "::a00:1");
  assert.is(inside("10.0.0.1"), "10.0.0.1");
});

ip.run();
