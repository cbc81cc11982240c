import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { namesOf } from "../../../src/arbiter/generations/names.ts";
import { findRelease } from "../../../src/arbiter/generations/release.ts";
import { watchTargets } from "../../../src/arbiter/watch/targets.ts";
import {
  AppError,
  ConfigError,
  MissingAppError,
} from "../../../src/base/errors.ts";
import type { CornConfig } from "../../../src/config/table/types.ts";
import { FakeRuntime, systemError } from "../../support/fake/runtime.ts";
import { configOf } from "../site.ts";

const release = suite("release");

/** Why the app is not found on a machine that is prepared so. */
async function refusal(
  prepare: (runtime: FakeRuntime) => void,
  settings: Omit<CornConfig, "app"> = {},
) {
  const runtime = new FakeRuntime();
  runtime.files.texts.set("/srv/other.ts", "");
  prepare(runtime);
  const config = await configOf({ ...settings, app: "app.ts" });
  try {
    findRelease(config, runtime, namesOf(runtime, "file:///corn/worker.ts"));
  } catch (error) {
    return error as Error;
  }
  throw new Error("Cannot take the refusal: nothing was refused");
}

release("findRelease() tells of an app that is missing", async () => {
  const error = await refusal(() => {});
  assert.instance(error, MissingAppError);
  assert.is(error.message, 'Cannot load app "app.ts": no such file in /srv');
});

release(
  "findRelease() tells of an app that this user may not see",
  async () => {
    const error = await refusal(({ files }) =>
      files.failures.set("list /srv/app.ts", systemError("EACCES"))
    );
    assert.instance(error, AppError);
    assert.match(
      error.message,
      'app.ts": permission denied, this user may not',
    );
  },
);

release(
  "findRelease() finds an app in a folder whose name has a colon",
  async () => {
    const runtime = new FakeRuntime();
    runtime.files.texts.set("/srv/q:r/app.ts", "");
    const config = await configOf({ app: "q:r/app.ts" });
    const names = namesOf(runtime, "file:///corn/worker.ts");
    const { app, needs } = findRelease(config, runtime, names);
    assert.is(app.url, "file:///srv/q%3Ar/app.ts");
    assert.ok(needs.includes("/srv/q:r/app.ts"));
    assert.equal(watchTargets(config).entries[0], "/srv/q:r/app.ts");
  },
);

release("findRelease() gives the runtime its flags", async () => {
  const runtime = new FakeRuntime();
  runtime.files.texts.set("/srv/app.ts", "");
  runtime.files.texts.set("/srv/.env", "");
  const config = await configOf({
    app: "app.ts",
    envFile: ".env",
    import: ["tsx"],
    workerArgs: ["--expose-gc"],
  });
  const names = namesOf(runtime, "file:///corn/worker.ts");
  const { command, needs } = findRelease(config, runtime, names);
  assert.equal(command.args.slice(1), [
    "--env-file=/srv/.env",
    "--import=tsx",
    "--expose-gc",
    "/corn/worker.ts",
  ]);
  assert.ok(needs.includes("/srv/.env"));
});

release("findRelease() refuses a file of variables that is none", async () => {
  const prepare = ({ files }: FakeRuntime) =>
    void files.texts.set("/srv/app.ts", "");
  const missing = await refusal(prepare, { envFile: "no.env" });
  assert.instance(missing, ConfigError);
  assert.match(
    missing.message,
    /^Cannot use envFile "no\.env" from .*: no such file in \/srv$/,
  );
  const folder = await refusal(prepare, { envFile: "/srv" });
  assert.match(folder.message, ": it is a folder");
});

release(
  "findRelease() finds the folders of files that are served",
  async () => {
    const runtime = new FakeRuntime();
    runtime.files.texts.set("/srv/app.ts", "");
    runtime.files.texts.set("/data/2/logo.png", "");
    runtime.files.links.set("/srv/web", "/data/2");
    const config = await configOf({ app: "app.ts", static: ["web=/files"] });
    const names = namesOf(runtime, "file:///corn/worker.ts");
    const { folders, needs } = findRelease(config, runtime, names);
    assert.equal(folders, [{ root: "/data/2", prefix: "/files" }]);
    assert.ok(needs.includes("/data/2"));
  },
);

release("findRelease() refuses to serve a folder that is none", async () => {
  const prepare = ({ files }: FakeRuntime) =>
    void files.texts.set("/srv/app.ts", "");
  const missing = await refusal(prepare, { static: ["web"] });
  assert.instance(missing, ConfigError);
  assert.match(
    missing.message,
    /^Cannot use static "web" from .*: no such folder in \/srv$/,
  );
  const file = await refusal(prepare, { static: ["other.ts"] });
  assert.match(file.message, ": it is a file");
});

/** The release of a config on a machine that is prepared so. */
async function find(
  settings: CornConfig,
  prepare: (runtime: FakeRuntime) => void,
) {
  const runtime = new FakeRuntime();
  for (const path of ["/srv/app.ts", "/bin/deno"]) {
    runtime.files.texts.set(path, "");
  }
  prepare(runtime);
  const names = namesOf(runtime, "file:///corn/worker.ts");
  return findRelease(
    await configOf({ app: "app.ts", ...settings }),
    runtime,
    names,
  );
}

release("findRelease() gives Deno the config of the app", async () => {
  const { command } = await find(
    { app: "shop/app.ts", runtime: "deno" },
    ({ files }) => {
      files.texts.set("/srv/shop/app.ts", "");
      files.texts.set("/srv/shop/deno.json", "");
    },
  );
  assert.ok(command.args.join(" ").includes("--config /srv/shop/deno.json"));
  // What is no file has none.
  const { command: remote, needs } = await find(
    { app: "jsr:@shop/app", runtime: "deno" },
    ({ files }) => void files.texts.set("/srv/deno.json", ""),
  );
  assert.not.ok(remote.args.join(" ").includes("deno.json"));
  assert.not.ok(needs.includes("jsr:@shop/app"));
});

release("findRelease() hands the flags of Deno on to Deno alone", async () => {
  const command = ["deno", "run", "-A", "--cached-only", "mod.ts"];
  const flags = async (own: "deno" | "node", runtime: "deno" | "node") => {
    const { command: { args } } = await find({ runtime }, (machine) => {
      Object.assign(machine, { name: own });
      machine.files.texts.set("/bin/node", "");
      Object.assign(machine.self, { start: { command, folder: "/srv" } });
    });
    return args.includes("--cached-only");
  };
  assert.is(await flags("deno", "deno"), true);
  assert.is(await flags("node", "deno"), false);
  assert.is(await flags("deno", "node"), false);
});

release("an app that is given by its URL is needed as a file is", async () => {
  const { app, needs } = await find({ app: "file:///srv/app.ts" }, () => {});
  assert.is(app.url, "file:///srv/app.ts");
  assert.ok(needs.includes("/srv/app.ts"));
});

release("a release needs all that is there when it is found", async () => {
  const { needs } = await find({}, ({ files }) => {
    files.texts.set("/bin/node", "");
    files.texts.set("/corn/worker.ts", "");
  });
  assert.equal(needs, ["/srv", "/bin/node", "/srv/app.ts", "/corn/worker.ts"]);
  const { needs: fewer } = await find({}, () => {});
  assert.equal(fewer, ["/srv", "/srv/app.ts"]);
});

release(
  "links of folders are followed, that of the app itself is not",
  async () => {
    const url = async (links: Record<string, string>, ...files: string[]) => {
      const { app } = await find({ app: "code/app.ts" }, (machine) => {
        for (const file of files) machine.files.texts.set(file, "");
        for (const [link, target] of Object.entries(links)) {
          machine.files.links.set(link, target);
        }
      });
      return app.url;
    };
    assert.is(
      await url({ "/srv/code": "/r/2" }, "/r/2/app.ts"),
      "file:///r/2/app.ts",
    );
    assert.is(
      await url({ "/srv/code/app.ts": "/r/3/main.ts" }, "/r/3/main.ts"),
      "file:///srv/code/app.ts",
    );
    // As Kubernetes mounts a volume, whose ..data is replaced.
    assert.is(
      await url(
        { "/srv/code/app.ts": "/srv/code/..2026/app.ts" },
        "/srv/code/..2026/app.ts",
      ),
      "file:///srv/code/..2026/app.ts",
    );
  },
);

release(
  "findRelease() tells of what is no module, and what is near",
  async () => {
    const folder = await refusal(({ files }) =>
      void files.texts.set("/srv/app.ts/index.ts", "")
    );
    assert.is(
      folder.message,
      'Cannot load app "app.ts": it is a folder, not a module',
    );
    const socket = await refusal(({ files }) =>
      void files.sockets.add("/srv/app.ts")
    );
    assert.match(socket.message, ": it is a socket, not a module");
    const near = await refusal(({ files }) =>
      void files.texts.set("/srv/app.ts.mjs", "")
    );
    assert.is(
      near.message,
      'Cannot load app "app.ts": no such file in /srv, did you mean app.ts.mjs?',
    );
  },
);

release("findRelease() tells of a folder that is gone", async () => {
  const error = await refusal(({ files }) => files.texts.clear());
  assert.instance(error, MissingAppError);
  assert.match(error.message, ": there is no folder /srv any more");
});

release("findRelease() refuses a start without an app", async () => {
  const runtime = new FakeRuntime();
  const names = namesOf(runtime, "file:///corn/worker.ts");
  const { app: _, ...config } = await configOf({});
  assert.throws(
    () => findRelease({ ...config, app: undefined }, runtime, names),
    /^Cannot start without an app: name one, as in corn app\.ts$/,
  );
});

release.run();
