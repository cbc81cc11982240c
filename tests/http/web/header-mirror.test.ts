import { HeaderMirror } from "../../../src/http/web/header-mirror.ts";
import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";

const mirror = suite("HeaderMirror");

mirror("makes headers what the list is, whatever changed in it", () => {
  const list = ["x-a", "1", "x-b", "2"];
  const headers = new Headers([["x-a", "1"], ["x-b", "2"]]);
  const one = new HeaderMirror(list);
  for (
    const next of [
      ["x-a", "1", "x-b", "2"],
      ["x-a", "1"],
      ["x-a", "2"],
      ["x-c", "3"],
      ["x-a", "1", "x-b", "2"],
      [],
      ["x-a", "1", "x-a", "2"],
    ]
  ) {
    list.splice(0, list.length, ...next);
    one.update(headers);
    const seen = new Headers();
    for (let at = 0; at < next.length; at += 2) {
      seen.append(next[at]!, next[at + 1]!);
    }
    assert.equal([...headers], [...seen]);
  }
});

mirror("leaves headers alone where the list is as it was", () => {
  const list = ["x-a", "1"];
  const headers = new Headers([["x-a", "1"]]);
  const one = new HeaderMirror(list);
  list[1] = "2";
  one.update(headers);
  headers.set("x-own", "3");
  one.update(headers);
  assert.equal([...headers], [["x-a", "2"], ["x-own", "3"]]);
});

mirror.run();
