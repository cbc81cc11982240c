import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import type { CornConfig } from "../../../src/config/table/types.ts";
import { settle } from "../../support/fake/runtime.ts";
import { build, serve, start } from "../site.ts";

const starter = suite("Starter");

starter(
  "what a worker prints goes to the log where that is asked",
  async () => {
    const { runtime } = await start({ workers: 1, captureOutput: true });
    const { onOutput } = runtime.child(1).options;
    onOutput?.("stdout", "one\ntw");
    assert.match(runtime.stderr.text, /\[1001\] .*one\n$/);
    runtime.child(1).exit({ code: 0 });
    assert.match(runtime.stderr.text, /\[1001\] .*tw\n/, "its last line too");
    const plain = await start({ workers: 1 });
    assert.is(plain.runtime.child(1).options.onOutput, undefined);
  },
);

const debuggers = (lines: readonly string[]) =>
  lines.filter((line) => line.includes("debugger"));

starter("a debugger attaches to the first worker alone", async () => {
  const site = await serve({ workers: 2, inspect: "127.0.0.1:9229" });
  const flags = (age: number) =>
    site.runtime.child(age).options.args.filter((one) =>
      one.startsWith("--inspect")
    );
  assert.equal([flags(1), flags(2)], [["--inspect=127.0.0.1:9229"], []]);
  assert.equal(debuggers(site.log()), [
    "[INFO] Worker 1 (pid 1001) takes a debugger at 127.0.0.1:9229",
  ]);
  // Two are in its slot during a reload.
  void site.arbiter.reload();
  await settle();
  assert.equal(flags(3), ["--inspect=127.0.0.1:9230"]);
});

starter("a debugger gets no port that is served", async () => {
  const { log } = await start({
    workers: 1,
    bind: ["127.0.0.1:9229", "unix:/run/corn.sock", "127.0.0.1:9230"],
    inspectBrk: "127.0.0.1:9229",
  });
  assert.equal(debuggers(log()), [
    "[INFO] Worker 1 (pid 1001) waits for a debugger at 127.0.0.1:9231",
  ]);
});

/** How a worker on this runtime can be asked. */
async function startOn(name: "bun" | "deno", options: CornConfig = {}) {
  const { runtime, arbiter } = await build({
    ...{ workers: 1, runtime: name },
    ...options,
  });
  runtime.files.texts.set(`/bin/${name}`, "");
  await arbiter.prepare();
  arbiter.start();
  const { env, args } = runtime.child(1).options;
  return {
    sampled: env.BUN_JSC_sampleInterval !== undefined,
    asked: args.includes("--inspect=127.0.0.1:0"),
  };
}

starter(
  "a worker can be asked where it is blocked, unless that is off",
  async () => {
    assert.equal(await startOn("bun"), { sampled: true, asked: false });
    assert.equal(await startOn("deno"), { sampled: false, asked: true });
    const nothing = { sampled: false, asked: false };
    for (const name of ["bun", "deno"] as const) {
      assert.equal(await startOn(name, { blockStack: "off" }), nothing);
      // What is asked is the first thread, which is not the one that is blocked.
      const threads = { workerClass: "thread", threads: 1 } as const;
      assert.equal(await startOn(name, threads), nothing);
    }
  },
);

starter(
  "workers start from what stands where their release is gone",
  async () => {
    const { runtime, arbiter, log } = await build({ workers: 2 });
    const { files, children } = runtime;
    /** What a deploy leaves: one release alone. */
    const deploy = (folder: string) => {
      files.texts.clear();
      files.texts.set(`${folder}/app.ts`, "");
      files.links.set("/srv", folder);
    };
    const die = (age: number) => {
      runtime.child(age).exit({ code: 1 });
      runtime.clock.pass(60_000);
    };
    deploy("/r/1");
    await arbiter.prepare();
    arbiter.start();
    for (const child of [...children]) child.boot();
    deploy("/r/2");
    die(1);
    die(2);
    assert.equal(children.map(({ options }) => options.cwd), [
      ...["/r/1", "/r/1"],
      ...["/r/2", "/r/2"],
    ]);
    const told = () => log().filter((line) => line.includes("release"));
    assert.equal(told(), [
      "[WARNING] The release of this generation is gone from /r/1: workers start from what is in /r/2 now",
    ]);
    files.texts.clear();
    die(3);
    assert.match(log().at(-1) ?? "", /cannot be started: Cannot load app/);
    deploy("/r/3");
    runtime.clock.pass(60_000);
    assert.is(children.at(-1)?.options.cwd, "/r/3");
    assert.match(
      told().at(-1) ?? "",
      "gone from /r/2: workers start from what",
    );
  },
);

starter.run();
