import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { prepareAccessFile } from "../../../src/arbiter/generations/access-file.ts";
import { LogFileError } from "../../../src/base/errors.ts";
import type { Identity } from "../../../src/runtime/runtime.ts";
import { FakeFiles, systemError } from "../../support/fake/runtime.ts";
import { configOf } from "../site.ts";

const access = suite("prepareAccessFile()");

const WWW: Identity = { uid: 33, gid: 44, groups: [44] };
const PATH = "/log/access";

async function prepare(
  accessLogfile: string | undefined,
  identity: Identity | undefined,
  files = new FakeFiles(),
): Promise<FakeFiles> {
  const config = await configOf({ accessLogfile });
  prepareAccessFile({ config, identity }, { files });
  return files;
}

access("the file is its workers' user's from the start", async () => {
  const files = await prepare(PATH, WWW);
  assert.equal([...files.owners], [[PATH, { uid: 33, gid: 44 }]]);
});

access("without another user it is corn's, and opened for a try", async () => {
  const files = await prepare(PATH, undefined);
  assert.is(files.texts.get(PATH), "");
  assert.equal([files.owners.size, files.opened], [0, []]);
});

access("nothing is made where there is no file", async () => {
  for (const path of [undefined, "-"]) {
    assert.equal([...(await prepare(path, WWW)).texts], []);
    assert.equal([...(await prepare(path, undefined)).texts], []);
  }
});

access("one that cannot be made is refused", async () => {
  for (
    const [call, who] of [["createFor", WWW], [
      "openAppend",
      undefined,
    ]] as const
  ) {
    const files = new FakeFiles();
    files.failures.set(`${call} ${PATH}`, systemError("EACCES"));
    try {
      await prepare(PATH, who, files);
      assert.unreachable();
    } catch (error) {
      assert.instance(error, LogFileError);
      assert.match((error as Error).message, `log file "${PATH}"`);
    }
  }
});

access.run();
