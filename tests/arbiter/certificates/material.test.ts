import { readTexts } from "../../../src/arbiter/certificates/material.ts";
import * as assert from "../../support/assert.ts";
import { FakeFiles, systemError } from "../../support/fake/runtime.ts";
import { suite } from "../../support/suite.ts";
import { configOf } from "../site.ts";

const texts = suite("readTexts()");

const CERT = "/tls/a.pem";
const KEY = "/tls/a.key";

async function begin() {
  const files = new FakeFiles();
  files.texts.set(CERT, "CERT");
  files.texts.set(KEY, "KEY");
  files.texts.set("/tls/b.pem", "B");
  files.texts.set("/tls/ca.pem", "CA");
  const config = await configOf({
    ...{ certfile: CERT, keyfile: KEY },
    sni: ["b.example=/tls/b.pem"],
    ...{ caCerts: "/tls/ca.pem", certReqs: "required" },
  });
  return { files, read: () => readTexts(config, files) };
}

texts("every file that a setting names is read", async () => {
  const { read } = await begin();
  assert.equal([...read()], [
    [CERT, "CERT"],
    [KEY, "KEY"],
    ["/tls/b.pem", "B"],
    ["/tls/ca.pem", "CA"],
  ]);
});

texts(
  "one that cannot be read is named by its setting, with the reason",
  async () => {
    for (
      const [code, reason] of [
        ["EACCES", "permission denied, this user may not read it"],
        ["EPERM", "permission denied, this user may not read it"],
        ["EISDIR", "it is a folder"],
        ["EIO", "EIO: it was to be so"],
      ] as const
    ) {
      const { files, read } = await begin();
      files.failures.set(`readText ${KEY}`, systemError(code));
      assert.throws(
        read,
        ({ message }: Error) =>
          message === `Cannot use keyfile "${KEY}" from serve(): ${reason}`,
      );
    }
    const { files, read } = await begin();
    files.texts.delete("/tls/b.pem");
    assert.throws(read, /^Cannot use sni ".*" from .*: \/tls\/b\.pem: no such/);
  },
);

texts.run();
