import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { usage } from "../../src/cli/usage.ts";
import {
  flagOf,
  settingNames,
  settingOf,
} from "../../src/config/table/settings.ts";

const help = suite("usage");
const text = usage("1.2.3");
const words = text.replaceAll(/\s+/g, " ");

for (const name of settingNames) {
  help(`usage() shows ${flagOf(name)} with its meaning`, () => {
    assert.match(text, new RegExp(`^ +(-\\w, )?${flagOf(name)}([ ,[]|$)`, "m"));
    assert.ok(words.includes(settingOf(name).meaning));
  });
}

help(
  "usage() has no line above 100 columns and none with blanks at its end",
  () => {
    for (const line of text.split("\n")) {
      assert.ok(line.length <= 100, line);
      assert.is(line, line.trimEnd());
    }
  },
);

help("usage() shows version, sections and defaults", () => {
  assert.match(text, /^corn 1\.2\.3, /);
  for (const name of settingNames) {
    assert.match(text, new RegExp(`^${settingOf(name).section}$`, "m"));
  }
  assert.match(text, /--boot-timeout SECONDS .*\[60\]$/m);
  assert.match(words, /\(auto, node, bun or deno\) \[auto\]/);
});

help.run();
