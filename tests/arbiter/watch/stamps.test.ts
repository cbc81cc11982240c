import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { Stamps } from "../../../src/arbiter/watch/stamps.ts";
import { FakeFiles, systemError } from "../../support/fake/runtime.ts";

const stamps = suite("Stamps");

function begin() {
  const files = new FakeFiles();
  files.texts.set("/a", "1");
  files.texts.set("/b", "1");
  return { files, all: new Stamps(files) };
}

stamps("what is not as it was is told once", () => {
  const { files, all } = begin();
  all.renew(["/a", "/b", "/later"]);
  assert.equal(all.changed([]), []);
  files.texts.set("/b", "2");
  files.texts.set("/later", "1");
  assert.equal(all.changed([]), ["/b", "/later"]);
  assert.equal(all.changed([]), []);
  files.texts.delete("/b");
  assert.equal(all.changed([]), ["/b"]);
});

stamps("others are looked at from the next time on", () => {
  const { files, all } = begin();
  all.renew(["/a"]);
  all.add(["/b"]);
  assert.equal(all.changed([]), []);
  assert.equal(all.changed(["/a", "/b", "/c"]), [], "there is none");
  files.texts.set("/c", "1");
  assert.equal(all.changed(["/c"]), ["/c"]);
  files.texts.set("/c", "2");
  assert.equal(all.changed([]), ["/c"]);
  all.renew(["/a"]);
  files.texts.set("/b", "3");
  assert.equal(all.changed([]), [], "it is not looked at any more");
});

stamps("one that may not be looked at is as good as none", () => {
  const { files, all } = begin();
  files.failures.set("stamp /a", systemError("EACCES"));
  all.renew(["/a"]);
  assert.equal(all.changed([]), []);
  files.failures.clear();
  assert.equal(all.changed([]), ["/a"]);
});

stamps.run();
