import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { AppTexts } from "../../../src/arbiter/figures/app-texts.ts";
import { FakeClock, settle } from "../../support/fake/runtime.ts";

const texts = suite("metrics of the app");

function start() {
  const clock = new FakeClock();
  const warnings: string[] = [];
  const app = new AppTexts({ clock, warn: (text) => warnings.push(text) });
  const asked: [age: number, id: number][] = [];
  return {
    clock,
    warnings,
    app,
    asked,
    tell: (age: number, count: number, id = 0) =>
      app.take(age, {
        slot: age,
        id,
        text: `# TYPE n_total counter\nn_total ${count}\n# TYPE g gauge\ng 1\n`,
      }),
    collect: () => app.collect((age, id) => asked.push([age, id])),
    lines: () =>
      app.merge([]).lines("text").filter((line) => !line.startsWith("#")),
  };
}

texts("without metrics nothing is asked and nothing waits", async () => {
  const { collect, asked, clock } = start();
  await collect();
  assert.equal(asked, []);
  assert.equal(clock.due(), []);
});

texts("a scrape has the answers, and leaves no timer", async () => {
  const { tell, collect, asked, lines, clock } = start();
  tell(1, 1);
  tell(2, 1);
  let done = false;
  const [one, two] = [collect(), collect()];
  void Promise.all([one, two]).then(() => done = true);
  assert.equal(asked, [[1, 1], [2, 1]], "once for both");
  tell(1, 5, 1);
  await settle();
  assert.not(done);
  tell(2, 7, 1);
  await settle();
  assert.ok(done);
  assert.equal(lines(), ["n_total 12", 'g{worker="1"} 1', 'g{worker="2"} 1']);
  assert.equal(clock.due(), []);
  // The next one asks anew.
  const next = collect();
  assert.equal(asked.slice(2), [[1, 2], [2, 2]]);
  tell(1, 6, 2);
  tell(2, 8, 1);
  tell(2, 8, 2);
  await next;
  assert.is(lines()[0], "n_total 14");
});

texts("a silent worker counts as it was last", async () => {
  const { tell, collect, lines, clock } = start();
  tell(1, 1);
  tell(2, 1);
  const collected = collect();
  let done = false;
  void collected.then(() => done = true);
  tell(1, 3, 1);
  clock.pass(499);
  await settle();
  assert.not(done);
  clock.pass(1);
  await collected;
  assert.is(lines()[0], "n_total 4");
});

texts("of one that is gone counts stay, whenever it goes", async () => {
  const { app, tell, collect, lines } = start();
  tell(1, 1);
  tell(2, 1);
  const collected = collect();
  tell(1, 3, 1);
  app.bury(2);
  await collected;
  assert.equal(lines(), ["n_total 4", 'g{worker="1"} 1']);
  app.bury(1);
  assert.equal(lines(), ["n_total 4"]);
  assert.match(app.counts(["# TYPE n_total counter\nn_total 2"]), "n_total 6");
});

texts("of those that are gone no more is kept than has an end", () => {
  const { app, warnings } = start();
  const line = (worker: number, at: number) =>
    `n_total{worker="${worker}",path="${"x".repeat(80)}${at}"} 1`;
  for (let age = 1; age <= 20; age++) {
    const own = Array.from({ length: 2000 }, (_, at) => line(age, at));
    const lines = ["# TYPE n_total counter", "n_total 1", ...own];
    app.take(age, { slot: 1, id: 0, text: lines.join("\n") });
    app.bury(age);
  }
  const kept = app.counts([]);
  assert.ok(kept.length < 2 ** 20 * 1.2, `${kept.length} characters`);
  assert.match(kept, /^n_total 20$/m, "what is known is counted on");
  assert.ok(kept.includes(line(1, 0)));
  assert.is(warnings.length, 1);
  assert.match(warnings[0] ?? "", /no label should name a worker/);
});

texts("a name of corn's is warned of once", () => {
  const { app, warnings } = start();
  app.take(1, { slot: 1, id: 0, text: "corn_x 1\ncorn_y 1\n" });
  app.merge([]);
  app.merge([]);
  assert.equal(warnings, [
    "The app's metric corn_x is left out: its name is one of corn's own",
  ]);
});

texts.run();
