import { nameFirst, sightText } from "../../src/exchange/sight.ts";
import * as assert from "../support/assert.ts";
import { suite } from "../support/suite.ts";

const sight = suite("sight");

const request = (path: string) => ({ method: "GET", path, ms: 1500 });
const waiting = ["/a", "/b", "/c", "/d"].map(request);
const frames = ["render (app.ts:4)", "app.ts:9"];

sight("sightText() tells the request that blocks, and where", () => {
  const text = sightText({ by: request("/x"), waiting, frames });
  assert.is(text, " by GET /x: render (app.ts:4) < app.ts:9");
  assert.is(
    sightText({ by: request("/x"), waiting, frames: [] }),
    " by GET /x",
  );
});

sight(
  "sightText() tells three that were open where none is known to block",
  () => {
    const text = sightText({ by: undefined, waiting, frames });
    const open = "; open were GET /a, GET /b, GET /c";
    assert.is(text, `: render (app.ts:4) < app.ts:9${open}`);
    const nothing = { by: undefined, waiting: [], frames: [] };
    assert.is(
      sightText({ ...nothing, waiting: waiting.slice(3) }),
      "; open were GET /d",
    );
    assert.is(
      sightText({ ...nothing, frames }),
      ": render (app.ts:4) < app.ts:9",
    );
    assert.is(sightText(nothing), "");
  },
);

sight("nameFirst() names three as it is told to", () => {
  const names = nameFirst(waiting, ({ path, ms }) => `${path} ${ms}`);
  assert.is(names, "/a 1500, /b 1500, /c 1500");
});

sight.run();
