import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { fileUrl, resolvePath } from "../../src/base/path.ts";

const path = suite("path");

const cases = [
  ["/srv", "a.ts", "/srv/a.ts"],
  ["/srv/", "./a//b/../c", "/srv/a/c"],
  ["/srv", "/etc/./x", "/etc/x"],
  ["/srv", "../../..", "/"],
  ["/", ".", "/"],
] as const;
for (const [base, given, result] of cases) {
  path(`resolvePath() sees ${given} from ${base} as ${result}`, () => {
    assert.is(resolvePath(base, given), result);
  });
}

path("fileUrl() escapes what means something in a URL", () => {
  assert.is(fileUrl("/a b/#1?/é%.ts"), "file:///a%20b/%231%3F/%C3%A9%25.ts");
});

path.run();
