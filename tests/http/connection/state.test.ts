/** Clients and apps that do anything in any order; each run comes from a printed seed. */
import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { anySeed, randomFrom } from "../../support/random.ts";
import { gated, open, settle } from "./line.ts";

const state = suite("Connection");

/** The pairs that src/http/connection/state.ts lists. */
const PAIRS: ReadonlySet<string> = new Set([
  "head × idle",
  "body × awaited",
  "body × answer",
  "rest × idle",
  "done × awaited",
  "done × answer",
  "closed × end",
  "closed × closed",
]);

const PIECES = [
  "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
  "GET / HTTP/1.1\r\nHo",
  "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345",
  "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n1234567890",
  "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
  "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
  "0\r\n\r\n",
  "12345",
];

state("a connection is in one of eight pairs of states", async () => {
  const seed = anySeed();
  console.log(`# seed ${seed}`);
  const random = randomFrom(seed);
  const one = <T>(list: readonly T[]) =>
    list[Math.floor(random() * list.length)] as T;
  const seen = new Set<string>();
  for (let round = 0; round < 300; round++) {
    const gates: (() => void)[] = [];
    const line = open((request) => {
      if (random() < 0.3) void request.text().catch(() => {});
      if (random() < 0.3) return new Response("at once");
      const { stream, give, end, fail } = gated();
      if (random() < 0.4) {
        gates.push(
          () => give("part"),
          random() < 0.8 ? end : () => fail(new Error("no")),
        );
        return new Response(stream);
      }
      return new Promise((resolve) =>
        gates.push(() => resolve(new Response("late")))
      );
    }, { limits: { writeMs: 2000, bodyMs: 2000, headerMs: 2000 } });
    const look = () => {
      const pair = line.state();
      seen.add(pair);
      assert.ok(PAIRS.has(pair), `seed ${seed}, round ${round}: ${pair}`);
    };
    const deeds: (() => void | Promise<void>)[] = [
      () => line.send(one(PIECES)),
      () => line.send(one(PIECES)),
      () => line.send(one(PIECES) + one(PIECES)),
      () => gates.shift()?.(),
      () => gates.shift()?.(),
      () => line.pass(one([250, 1000])),
    ];
    const rare = [
      () => line.finish(),
      () => line.leave(),
      () => line.drain(),
      () => line.pass(10_000),
      () => line.stall(random() < 0.5),
    ];
    look();
    let finished = false;
    for (let step = 0; step < 12; step++) {
      const deed = random() < 0.2 ? one(rare) : one(deeds);
      if (deed === rare[0]) finished = true;
      if (finished && deeds.indexOf(deed) >= 0 && deeds.indexOf(deed) < 3) {
        continue;
      }
      await deed();
      look();
      if (step % 4 === 0) await Promise.resolve();
      look();
      if (line.state() === "closed × closed") break;
    }
    if (round % 10 === 0) await settle();
    look();
  }
  assert.equal([...PAIRS].filter((pair) => !seen.has(pair)), []);
});

state.run();
