import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import type { CornConfig } from "../../src/config/table/types.ts";
import type { FakeChild } from "../support/fake/runtime.ts";
import { settle } from "../support/fake/runtime.ts";
import { anySeed, randomFrom } from "../support/random.ts";
import { serve } from "./site.ts";
import type { Site } from "./site.ts";

const orders = suite("orders");

/** As people, scripts and the control socket give them. */
type Order = "HUP" | "TTIN" | "TTOU" | "WINCH" | "scale 3" | "scale auto";

const WITHOUT_RANGE: Order[] = [
  "HUP",
  "HUP",
  "TTIN",
  "TTOU",
  "WINCH",
  "scale 3",
];
const WITH_RANGE: Order[] = [
  "HUP",
  "HUP",
  "TTIN",
  "TTOU",
  "scale 3",
  "scale auto",
];

/** Rounds, each with orders of its own. */
const ROUNDS = 20;

function give({ arbiter }: Site, order: Order): Promise<void> | undefined {
  switch (order) {
    case "HUP":
      return arbiter.reload();
    case "TTIN":
      return void arbiter.resize(1);
    case "TTOU":
      return void arbiter.resize(-1);
    case "WINCH":
      return void arbiter.pause();
    case "scale 3":
      return void arbiter.scale(3);
    case "scale auto":
      return void arbiter.scale("auto");
  }
}

/** What a child was told to do and has not done. */
function isDue(child: FakeChild): boolean {
  return !child.gone &&
    (child.told().some((type) => type === "drain" || type === "quit") ||
      !booted.has(child));
}

const booted = new WeakSet<FakeChild>();

function act(child: FakeChild): void {
  if (child.told().some((type) => type === "drain" || type === "quit")) {
    return child.exit();
  }
  booted.add(child);
  child.boot();
}

/** Lets everything happen that is under way. */
async function finish({ runtime }: Site): Promise<void> {
  for (;;) {
    await settle();
    const due = runtime.children.filter(isDue);
    if (due.length === 0) return;
    due.forEach(act);
  }
}

/** Lets some of it happen. */
async function goOn(
  { runtime }: Site,
  random: () => number,
): Promise<void> {
  if (random() < 0.3) await settle();
  for (let turns = Math.floor(random() * 20); turns > 0; turns--) {
    await Promise.resolve();
  }
  for (const child of runtime.children.filter(isDue)) {
    if (random() < 0.4) act(child);
  }
}

/** Where orders lead. */
async function outcome(
  options: CornConfig,
  list: readonly Order[],
  pass: (site: Site) => Promise<void>,
): Promise<string> {
  const site = await serve(options);
  for (const child of site.runtime.children) booted.add(child);
  const reloads: Promise<unknown>[] = [];
  let over = 0;
  for (const order of list) {
    const reload = give(site, order);
    if (reload !== undefined) {
      const count = () => void over++;
      reloads.push(reload.then(count, count));
    }
    await pass(site);
  }
  await finish(site);
  const { wanted = 0, paused, fixed, children = [] } =
    site.arbiter.view.state ??
      {};
  const waits = reloads.length - over;
  return `${
    paused ? "paused" : `${wanted} wanted, ${children.length} there`
  }, by hand ${fixed}, ${waits} reloads wait`;
}

for (
  const [name, options, all] of [
    ["a number of workers", { workers: 2 }, WITHOUT_RANGE],
    ["a range of workers", { workers: "2..4" }, WITH_RANGE],
  ] as const
) {
  orders(`mean the same however close together: ${name}`, async () => {
    const seed = anySeed();
    console.log(`\nSEED=${seed}`);
    const random = randomFrom(seed);
    for (let round = 0; round < ROUNDS; round++) {
      const list = Array.from(
        { length: 2 + Math.floor(random() * 5) },
        () => all[Math.floor(random() * all.length)] as Order,
      );
      assert.is(
        await outcome(options, list, (site) => goOn(site, random)),
        await outcome(options, list, finish),
        `${list.join(", ")} (SEED=${seed})`,
      );
    }
  });
}

orders.run();
