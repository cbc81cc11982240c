import { Watching } from "../../src/launch/watching.ts";
import { build } from "../arbiter/site.ts";
import * as assert from "../support/assert.ts";
import type { FakeChild } from "../support/fake/runtime.ts";
import { settle } from "../support/fake/runtime.ts";
import { suite } from "../support/suite.ts";
import { figuresOf } from "../support/fake/figures.ts";

const watching = suite("watching");

async function start() {
  let watching: Watching | undefined;
  const { arbiter, runtime } = await build({ workers: 3 }, {
    onlooker: () => watching?.loaded,
  });
  const made = watching = new Watching({ runtime, arbiter: () => arbiter });
  await arbiter.prepare();
  arbiter.start();
  const pass = async (ms: number) => {
    for (let at = 0; at < ms; at += 10) {
      runtime.clock.pass(10);
      await settle();
    }
  };
  return { watching: made, pass, children: [...runtime.children] };
}

/** A worker tells what it does. */
function tell(child: FakeChild | undefined): void {
  child?.say(figuresOf());
}

watching(
  "it is there once it is loaded, and the same from then on",
  async () => {
    const { watching } = await start();
    assert.is(watching.loaded, undefined);
    assert.throws(() => watching.onlookers, "Not loaded");
    watching.close();
    await watching.load();
    const { onlookers } = watching;
    await watching.load();
    assert.is(watching.onlookers, onlookers);
    assert.is(watching.loaded, onlookers);
  },
);

watching(
  "a look waits for the workers that serve, and for no others",
  async () => {
    const { watching, pass, children } = await start();
    const [one, other, booting] = children;
    one?.boot();
    other?.boot();
    await watching.load();
    let seen = false;
    void watching.onlookers.look().then(() => seen = true);
    const asked = (child: FakeChild | undefined) =>
      child?.told().filter((type) => type === "figure").length;
    tell(one);
    tell(other);
    await pass(250);
    assert.equal([one, other, booting].map(asked), [2, 2, 0]);
    tell(one);
    await pass(50);
    assert.not(seen);
    tell(other);
    await pass(50);
    assert.ok(seen);
    watching.close();
  },
);

watching.run();
