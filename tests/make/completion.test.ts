import { execFileSync, spawnSync } from "node:child_process";
import { bashCompletion } from "../../src/make/completion/bash.ts";
import { fishCompletion } from "../../src/make/completion/fish.ts";
import type { CompletionWords } from "../../src/make/completion/words.ts";
import { zshCompletion } from "../../src/make/completion/zsh.ts";
import { root } from "../../scripts/tools.ts";
import * as assert from "../support/assert.ts";
import { skip, suite } from "../support/suite.ts";

const completion = suite("completion");

const WORDS: CompletionWords = {
  commands: [
    { name: "status", meaning: "Print what corn's pool does" },
    { name: "stop", meaning: "End it" },
  ],
  arguments: { make: [{ name: "docker", meaning: "an image" }], stop: [] },
  flags: [
    { name: "--bind", short: "b", meaning: "Addresses: [a]", value: "any" },
    { name: "--check", meaning: "Look, and end", value: "none" },
    { name: "--config", short: "c", meaning: "File", value: "file" },
    { name: "--chdir", meaning: "Folder", value: "file" },
    { name: "--http", meaning: "Engine", value: ["auto", "wire"] },
  ],
};

/** What bash offers for the last of some words. */
function offered(...words: string[]): string[] {
  const script = `${bashCompletion(WORDS)}
COMP_WORDS=(corn "$@"); COMP_CWORD=$#
_corn; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const output = execFileSync("bash", ["-c", script, "bash", ...words], {
    cwd: root,
    encoding: "utf8",
  });
  return output.split("\n").filter((line) => line !== "").sort();
}

completion("bash offers what may come next", () => {
  const { status } = spawnSync("bash", ["-c", "mapfile < /dev/null"]);
  if (status !== 0) return skip("there is no bash that has mapfile");
  assert.equal(offered("sta"), ["status"]);
  assert.equal(offered("sto"), ["stop"]);
  assert.ok(offered("mod").includes("mod.ts"), "an app is a file");
  assert.equal(offered("--c"), ["--chdir", "--check", "--config"]);
  assert.equal(offered("make", ""), ["docker"]);
  assert.equal(offered("app.ts", "mod."), ["mod.ts"]);
  assert.equal(offered("stop", "mod."), [], "nothing follows this one");
  for (const flag of ["-c", "--config", "--chdir"]) {
    assert.equal(offered(flag, "deno."), ["deno.json"], flag);
  }
  for (const flag of ["-b", "--bind"]) assert.equal(offered(flag, "mod"), []);
  assert.equal(offered("--http", ""), ["auto", "wire"]);
  assert.equal(offered("app.ts", "--http", "w"), ["wire"]);
  // Nothing follows this one: what comes is the app.
  assert.equal(offered("--check", "mod."), ["mod.ts"]);
});

completion("fish is told each word in a line of its own", () => {
  assert.equal(fishCompletion(WORDS).trim().split("\n").slice(1), [
    "complete -c corn -n __fish_use_subcommand -a status -d 'Print what corn\\'s pool does'",
    "complete -c corn -n __fish_use_subcommand -a stop -d 'End it'",
    "complete -c corn -f -n \"__fish_seen_subcommand_from make\" -a docker -d 'an image'",
    'complete -c corn -f -n "__fish_seen_subcommand_from stop"',
    "complete -c corn -l bind -s b -x -d 'Addresses: [a]'",
    "complete -c corn -l check -d 'Look, and end'",
    "complete -c corn -l config -s c -r -F -d 'File'",
    "complete -c corn -l chdir -r -F -d 'Folder'",
    "complete -c corn -l http -x -a 'auto wire' -d 'Engine'",
  ]);
});

completion("zsh is told each word as its functions read it", () => {
  const made = zshCompletion(WORDS).split("\n").map((line) => line.trim());
  assert.is(made[0], "#compdef corn");
  for (
    const line of [
      String.raw`'status:Print what corn'\''s pool does'`,
      "'stop:End it'",
      "make) given=('docker:an image'); _describe make given ;;",
      // In a spec brackets and colons stand for themselves behind a backslash.
      String.raw`'*'{-b,--bind}'[Addresses\: \[a\]]:value: ' \ `.trimEnd(),
      String.raw`'*'--check'[Look, and end]' \ `.trimEnd(),
      String.raw`'*'{-c,--config}'[File]:file:_files' \ `.trimEnd(),
      String.raw`'*'--chdir'[Folder]:file:_files' \ `.trimEnd(),
      String.raw`'*'--http'[Engine]:value:(auto wire)' \ `.trimEnd(),
    ]
  ) assert.ok(made.includes(line), line);
});

completion.run();
