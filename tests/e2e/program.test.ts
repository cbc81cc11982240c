import { join } from "node:path";
import * as assert from "../support/assert.ts";
import { fixture, promises } from "../support/promise.ts";
import { until, within } from "../support/wait.ts";

const program = promises("serve()");

program(
  "a program starts, asks, reloads and stops corn",
  async ({ run, folder, forgive }) => {
    const app = join(folder, "app.ts");
    forgive(app);
    const command = run({ script: "tests/fixtures/program.ts", args: [app] });
    const { code } = await within(
      "the end of the program",
      command.ended,
    );
    assert.is(code, 0);
    const facts = Object.fromEntries(
      command.output().trim().split("\n").map((line) => JSON.parse(line)),
    );
    assert.match(facts.addresses[0], /^http:\/\/127\.0\.0\.1:\d+$/);
    delete facts.addresses;
    for (const slots of ["slots", "slots at last"]) facts[slots].sort();
    assert.equal(facts, {
      answer: "one",
      slots: [1, 2],
      reloaded: "two",
      generations: [2],
      rejected: true,
      after: "two",
      "slots at last": [1, 2, 3],
      "slots scaled": [1],
      "scaled to none": true,
      done: 0,
      left: 0,
      disposed: 0,
      refused: 4,
    });
  },
);

for (const [how, code] of Object.entries({ stop: 0, exit: 7, throw: 1 })) {
  program(
    `a program that ends by ${how} ends, and leaves no worker`,
    async (lab) => {
      const sign = join(lab.folder, "sign");
      const command = lab.run({
        script: "tests/fixtures/ends.ts",
        args: [how, fixture("app.ts"), sign],
      });
      const [url] = await until(
        "the address",
        () => /^http:\S+/m.exec(command.output()) ?? undefined,
      );
      const kept = await lab.connect(url);
      assert.is((await kept.request("/")).status, 200);
      const streams = await lab.connect(url);
      streams.send("/stream/10?ms=100");
      await until("the stream", () => streams.unread > 0);
      lab.write("sign", "");
      const ending = await within("its end", command.ended);
      assert.is(ending.code, code);
    },
  );
}

program.run();
