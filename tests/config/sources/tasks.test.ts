import { printConfig } from "../../../src/config/print.ts";
import type { Config, CornConfig } from "../../../src/config/table/types.ts";
import { messageOf } from "../../../src/base/errors.ts";
import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { loadFile } from "../support.ts";

const tasks = suite("tasks in a config");

function read(value: unknown): Promise<Config> {
  return loadFile({ app: "app.ts", tasks: value } as CornConfig);
}

tasks("a pool is read with what it leaves out", async () => {
  const { tasks, origins } = await read({
    mails: "mails.ts",
    images: {
      module: "tasks/images.ts",
      workers: "2",
      timeout: "2m",
      maxQueue: 5,
      maxTasks: 1000,
      maxMemory: "512m",
      nice: 10,
      runtime: "bun",
      user: "nobody",
      env: ["A=1"],
    },
  });
  assert.equal(tasks, [
    {
      name: "mails",
      module: "mails.ts",
      workers: 1,
      timeout: 60,
      maxQueue: 100,
      maxTasks: 0,
      maxMemory: 0,
      nice: 0,
      env: {},
    },
    {
      name: "images",
      module: "tasks/images.ts",
      workers: 2,
      timeout: 120,
      maxQueue: 5,
      maxTasks: 1000,
      maxMemory: 512 * 1024 * 1024,
      nice: 10,
      runtime: "bun",
      user: "nobody",
      env: { A: "1" },
    },
  ]);
  assert.is(origins.tasks, "corn.config.ts");
  assert.equal((await loadFile({})).tasks, []);
});

tasks("--print-config has the pools", async () => {
  const printed = printConfig(await read({ images: "tasks/images.ts" }));
  assert.match(printed, /^tasks +images: tasks\/images\.ts × 1 +# corn/m);
});

tasks("what cannot be used is refused by its name", async () => {
  const cases: [unknown, RegExp][] = [
    [5, /^Cannot use tasks from corn\.config\.ts: give an object, such as/],
    [["a.ts"], /: give an object/],
    [{ "9a": "a.ts" }, /^Cannot use tasks "9a" from .*: a pool's name has/],
    [{ ["a".repeat(33)]: "a.ts" }, /: a pool's name has at most 32 letters/],
    [{ a: 5 }, /: give "a" a module, or an object with one$/],
    [{ a: {} }, /: give "a" a module$/],
    [
      { a: { module: "a.ts", worker: 2 } },
      /^Cannot use tasks "worker" from .*: "a" has no such member, did you mean workers\?$/,
    ],
    [
      { a: { module: "a.ts", workers: 0 } },
      /^Cannot use tasks 0 from .*: workers of "a": give a number of at least 1$/,
    ],
    [
      { a: { module: "a.ts", workers: 1_000_000 } },
      /^Cannot use tasks 1000000 from .*: workers of "a": give a number of at most 1024$/,
    ],
    [{ a: { module: "a.ts", timeout: "x" } }, /: timeout of "a": give seconds/],
    [{ a: { module: "a.ts", maxQueue: 5000 } }, /of at most 4096$/],
    [{ a: { module: "a.ts", maxMemory: 512 } }, /: give 0 or at least 1m;/],
    [{ a: { module: "a.ts", runtime: "go" } }, /: give node, bun or deno$/],
    [{ a: { module: "a.ts", env: { CORN_X: "1" } } }, /corn's own$/],
  ];
  for (const [value, expected] of cases) {
    const said = await read(value).then(() => "nothing", messageOf);
    assert.match(said, expected);
  }
});

tasks.run();
