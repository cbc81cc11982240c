import { runHelp } from "../../src/cli/help.ts";
import type { Program } from "../../src/launch/sources.ts";
import { failure } from "../config/support.ts";
import { FakeRuntime } from "../support/fake/runtime.ts";
import * as assert from "../support/assert.ts";
import { suite } from "../support/suite.ts";

const help = suite("runHelp()");

async function printed(...words: string[]): Promise<string> {
  const runtime = new FakeRuntime();
  const program = { runtime } as unknown as Program;
  assert.is(await runHelp(words, program), 0);
  return runtime.stdout.text;
}

help("it tells what there is, and of each command", async () => {
  assert.match(await printed(), /^corn .*\n\nUsage: corn /);
  assert.match(
    await printed("heap"),
    / heap W \[--thread N\] \[--drain\] .*\n.*memory/,
  );
  assert.match(await printed("make"), /^corn make KIND /);
  assert.match(await printed("completion"), /^corn completion bash/);
});

help("--json prints JSON and nothing else", async () => {
  const all = JSON.parse(await printed("--json"));
  assert.match(all.commands.heap.summary, "memory");
  assert.match(all.commands.make.summary, "files");
  for (const word of ["heap", "make", "completion"]) {
    assert.is(JSON.parse(await printed(word, "--json")).command, word);
    assert.is(JSON.parse(await printed("--json", word)).command, word);
  }
  const runtime = new FakeRuntime();
  const program = { runtime } as unknown as Program;
  await runHelp(["relaod", "--json"], program).catch(() => {});
  assert.is(JSON.parse(runtime.stdout.text).error.code, "usage");
});

help("a word that is no command is refused, with the near one", async () => {
  const refusal = async (...words: string[]) =>
    (await failure(printed(...words))).message;
  assert.is(
    await refusal("relaod"),
    'Cannot help with "relaod": no such command, did you mean reload?; corn help shows all',
  );
  assert.match(await refusal("make", "nginx"), /takes one command$/);
});

help.run();
