import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { prepareCompileCache } from "../../../src/arbiter/generations/compile-cache.ts";
import { prepareGeneration } from "../../../src/arbiter/generations/generation.ts";
import { namesOf } from "../../../src/arbiter/generations/names.ts";
import type { CornConfig } from "../../../src/config/table/types.ts";
import { FakeRuntime } from "../../support/fake/runtime.ts";
import { configOf } from "../site.ts";

const cache = suite("prepareCompileCache()");

/** What workers are told, what was made for whom, and what is said. */
async function prepare(
  config: CornConfig,
  change: (runtime: FakeRuntime) => void = () => {},
) {
  const runtime = new FakeRuntime();
  runtime.files.texts.set("/srv/app.ts", "");
  runtime.files.texts.set("/bin/bun", "");
  runtime.files.texts.set("/etc/passwd", "www:x:33:33::/:/bin/sh\n");
  runtime.files.texts.set("/etc/group", "www:x:33:\nadm:x:4:www\n");
  change(runtime);
  const prepared = await prepareGeneration(
    await configOf(config),
    runtime,
    namesOf(runtime, "file:///corn/mod.ts"),
  );
  const said: string[] = [];
  const env = prepareCompileCache(prepared, runtime, (text) => said.push(text));
  return { env, said, made: [...runtime.files.owners] };
}

const asRoot = (runtime: FakeRuntime) =>
  Object.assign(runtime.self, { uid: 0 });

cache("workers on Node get the folder of their user", async () => {
  assert.equal(
    await prepare({ compileCache: "/c" }, asRoot),
    {
      env: { NODE_COMPILE_CACHE: "/c/0" },
      said: [],
      made: [["/c/0", { uid: 0, gid: -1 }]],
    },
  );
  assert.equal(
    await prepare({ compileCache: "/c", user: "www" }, asRoot),
    {
      env: { NODE_COMPILE_CACHE: "/c/33" },
      said: [],
      made: [["/c/33", { uid: 33, gid: 33 }]],
    },
  );
});

cache("a worker that begins as root gets none of its user's", async () => {
  const { env, made } = await prepare(
    { compileCache: "/c", user: "www", initgroups: true },
    asRoot,
  );
  assert.equal([env, made], [{}, []]);
});

cache("no other runtime is told, nor who says off", async () => {
  const none = { env: {}, said: [], made: [] };
  const withBun = (runtime: FakeRuntime) => void (runtime.env.PATH = "/bin");
  assert.equal(
    await prepare({ compileCache: "/c", runtime: "bun" }, withBun),
    none,
  );
  assert.equal(await prepare({ compileCache: "off" }), none);
  assert.equal(
    await prepare({
      compileCache: "/c",
      env: { NODE_DISABLE_COMPILE_CACHE: "1" },
    }),
    none,
  );
});

cache("where it cannot be made they go without, and why is said", async () => {
  const { env, said } = await prepare({ compileCache: "/c" }, (runtime) => {
    asRoot(runtime);
    runtime.files.failures.set("makePrivate /c/0", new Error("EROFS: no"));
  });
  assert.equal(env, {});
  assert.equal(said, ['Workers keep no compiled code in "/c/0": EROFS: no']);
});

cache.run();
