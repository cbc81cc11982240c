import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { CornError } from "../../src/base/errors.ts";
import type { CornConfig } from "../../src/config/table/types.ts";
import type { FakeChild } from "../support/fake/runtime.ts";
import { settle } from "../support/fake/runtime.ts";
import { anySeed, randomFrom } from "../support/random.ts";
import { endOf, prepare, serve } from "./site.ts";
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
  broken: () => boolean = () => false,
): Promise<void> {
  if (random() < 0.3) await settle();
  for (let turns = Math.floor(random() * 20); turns > 0; turns--) {
    await Promise.resolve();
  }
  for (const child of runtime.children.filter(isDue)) {
    if (random() >= 0.4) continue;
    if (broken() && !booted.has(child)) child.exit({ code: 4 });
    else act(child);
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

/** Troubles between orders: the config cannot be used, or can again; the code cannot be loaded, or can again. */
type Trouble = "bad config" | "good config" | "bad code" | "good code";

const TROUBLED: (Order | Trouble)[] = [
  ...["HUP", "HUP", "HUP", "TTIN", "TTOU", "WINCH"] as const,
  ...["bad config", "good config", "bad code", "good code"] as const,
];

orders("leave nothing behind, whatever fails meanwhile", async () => {
  const seed = anySeed();
  console.log(`\nSEED=${seed}`);
  const random = randomFrom(seed);
  const ends: Record<string, number> = {};
  for (let round = 0; round < 2 * ROUNDS; round++) {
    let told = "";
    const options: CornConfig = { workers: 2, timeout: 0 };
    const site = await prepare(options, {
      notifier: {
        ready() {},
        promoted() {},
        stopping() {},
        close() {},
        reloading: () => told = "reloading",
        settled: () => told = "settled",
      },
    });
    const { runtime, arbiter } = site;
    arbiter.start();
    runtime.children.forEach(act);
    let broken = false;
    const waiting = new Set<string>();
    const list: string[] = [];
    for (let count = 3 + Math.floor(random() * 8); count > 0; count--) {
      const one = TROUBLED[Math.floor(random() * TROUBLED.length)]!;
      list.push(one);
      if (one === "bad config") site.next = new CornError("no config");
      else if (one === "good config") site.next = options;
      else if (one === "bad code" || one === "good code") {
        broken = one === "bad code";
      } else {
        const name = `${one} ${count}`;
        const reload = give(site, one);
        if (reload !== undefined) {
          waiting.add(name);
          const end = (how: string) => {
            waiting.delete(name);
            ends[how] = (ends[how] ?? 0) + 1;
          };
          reload.then(() => end("done"), () => end("failed"));
        }
      }
      await goOn(site, random, () => broken);
    }
    const why = `${list.join(", ")} (SEED=${seed})`;
    site.next = options;
    await calm(site);
    assert.equal([...waiting], [], why);
    assert.is.not(told, "reloading", why);
    // What has just been mended serves, and nothing else is left.
    const last = arbiter.reload();
    await calm(site);
    assert.is(await endOf(last), "resolved", why);
    const { wanted, children = [], rollout } = arbiter.view.state ?? {};
    assert.is(rollout, undefined, why);
    assert.is(wanted, 2, why);
    assert.is(children.filter(({ phase }) => phase === "ready").length, 2, why);
    assert.is(runtime.children.filter(({ gone }) => !gone).length, 2, why);
    assert.is(runtime.listeners.filter(({ open }) => open).length, 1, why);
    assert.is(told, "settled", why);
  }
  assert.ok((ends.done ?? 0) > 0 && (ends.failed ?? 0) > 0);
});

/** Lets everything end that is under way, and slots wait that have failed. */
async function calm(site: Site): Promise<void> {
  for (let seconds = 0; seconds < 70; seconds++) {
    await finish(site);
    const { children = [], wanted, paused, rollout } =
      site.arbiter.view.state ?? {};
    const size = paused ? 0 : wanted;
    if (rollout === undefined && children.length === size) return;
    site.runtime.clock.pass(1000);
  }
}

orders.run();
