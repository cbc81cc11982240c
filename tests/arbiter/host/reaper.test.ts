import { reapStrangers } from "../../../src/arbiter/host/reaper.ts";
import * as assert from "../../support/assert.ts";
import { FakeRuntime, systemError } from "../../support/fake/runtime.ts";
import { suite } from "../../support/suite.ts";

const reaping = suite("reapStrangers");

/** A process of a pid on a runtime that can reap, or not. */
function site(pid: number, reap?: (pid: number) => boolean) {
  const runtime = new FakeRuntime();
  Object.assign(runtime.self, { pid });
  Object.assign(runtime, { reap });
  const said: string[] = [];
  const say = (text: string) => void said.push(text);
  const open = () => reapStrangers(runtime, { info: say, debug: say });
  return { runtime, said, open };
}

reaping("process 1 waits for zombies of its own, until closed", () => {
  const reaped: number[] = [];
  const { runtime, said, open } = site(1, (pid) => reaped.push(pid) > 0);
  const { texts } = runtime.files;
  texts.set("/proc/7/stat", "7 (sh) Z 1 7");
  texts.set("/proc/8/stat", "8 (a) Z) b) Z 1 8");
  texts.set("/proc/9/stat", "9 (runs) S 1 9");
  texts.set("/proc/10/stat", "10 (of another) Z 7 10");
  texts.set("/proc/meminfo", "0 (x) Z 1");
  const opened = open();
  runtime.signal("SIGCHLD");
  assert.equal(reaped, [7, 8]);
  assert.equal(said, ["Reaped pid 7", "Reaped pid 8"]);
  opened.close();
  runtime.signal("SIGCHLD");
  assert.equal(reaped, [7, 8]);
});

reaping("one that the runtime waits for is not told of", () => {
  const { runtime, said, open } = site(1, () => false);
  runtime.files.texts.set("/proc/7/stat", "7 (sh) Z 1 7");
  open();
  runtime.signal("SIGCHLD");
  assert.equal(said, []);
});

reaping("a look that fails is the debug log's", () => {
  const { runtime, said, open } = site(1, () => true);
  runtime.files.failures.set("list /proc", systemError("EACCES"));
  open();
  runtime.signal("SIGCHLD");
  assert.match(said.join(), "Cannot look for zombies: EACCES");
});

reaping("any other process leaves them alone", () => {
  const { runtime, said, open } = site(2, () => assert.unreachable() as never);
  runtime.files.texts.set("/proc/7/stat", "7 (sh) Z 2 7");
  const opened = open();
  runtime.signal("SIGCHLD");
  opened.close();
  assert.equal(said, []);
});

reaping("process 1 says where its runtime cannot", () => {
  const { runtime, said, open } = site(1);
  const opened = open();
  runtime.signal("SIGCHLD");
  opened.close();
  assert.is(said.length, 1);
  assert.match(said[0]!, "node cannot reap processes that are not its own");
});

reaping.run();
