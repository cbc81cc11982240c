import { Otlp } from "../../src/launch/otlp.ts";
import * as assert from "../support/assert.ts";
import { FakeRuntime, settle } from "../support/fake/runtime.ts";
import { suite } from "../support/suite.ts";

const otlp = suite("pushed metrics");

/** What is pushed, and where, as time passes. */
function start(measured = true) {
  const runtime = new FakeRuntime();
  const own = new Otlp({
    runtime,
    pool: {
      families: () => measured ? { families: [], startedAt: 0 } : undefined,
    },
    report: (_level, text) => assert.unreachable(text),
  });
  return {
    own,
    runtime,
    configure: (host?: string, otlpInterval = 10) =>
      own.configure(
        {
          otlp: host === undefined ? undefined : `http://${host}`,
          otlpInterval,
        } as Parameters<Otlp["configure"]>[0],
      ),
    /** The hosts that got a push within these seconds. */
    async pass(seconds: number): Promise<string[]> {
      const before = runtime.posts.length;
      for (let second = 0; second < seconds; second++) {
        runtime.clock.pass(1000);
        await settle();
      }
      return runtime.posts.slice(before).map(({ url }) => new URL(url).host);
    },
  };
}

otlp("without a receiver nothing is pushed, and no timer runs", async () => {
  const { own, runtime, configure, pass } = start();
  await configure();
  assert.equal(await pass(60), []);
  await own.close();
  assert.equal([runtime.posts.length, runtime.clock.due()], [0, []]);
});

otlp("they go where the settings say now, and nowhere else", async () => {
  const { own, configure, pass } = start();
  await configure("one:4318");
  assert.equal(await pass(20), ["one:4318", "one:4318"]);
  await pass(5);
  // A reload that changes nothing of it leaves the interval as it is.
  await configure("one:4318");
  assert.equal(await pass(5), ["one:4318"]);
  await configure("two:4318", 30);
  assert.equal(await pass(60), ["two:4318", "two:4318"]);
  await configure();
  assert.equal(await pass(60), []);
  await configure("two:4318");
  await own.close();
  assert.equal(await pass(60), []);
});

otlp("what was counted last is pushed at the end", async () => {
  const { own, runtime, configure } = start();
  await configure("one:4318");
  await own.close();
  assert.is(runtime.posts.length, 1);
  assert.match(JSON.stringify(runtime.posts[0]), "corn");
  const unmeasured = start(false);
  await unmeasured.configure("one:4318");
  await unmeasured.own.close();
  assert.is(unmeasured.runtime.posts.length, 0);
});

otlp("nothing is pushed at the end where a reload has ended it", async () => {
  const { own, runtime, configure } = start();
  await configure("one:4318");
  await configure();
  await own.close();
  assert.is(runtime.posts.length, 0);
});

otlp("of settings that come at once the last count", async () => {
  const { configure, pass } = start();
  await Promise.all([configure("one:4318"), configure("two:4318")]);
  assert.equal(await pass(10), ["two:4318"]);
});

otlp.run();
