import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { parseArguments } from "../../../src/cli/args.ts";
import type { ConfigContext } from "../../../src/config/table/types.ts";
import { ConfigError } from "../../../src/base/errors.ts";
import { failure, load, loadFile, machine } from "../support.ts";

const file = suite("file");

file("the first of the usual files is read", async () => {
  const all = ["ts", "js", "mjs"].map((end, index) =>
    [`/srv/corn.config.${end}`, { default: { workers: index + 1 } }] as const
  );
  const json = ["/srv/corn.config.json", '{"workers": 4}'] as const;
  for (let from = 0; from < 4; from++) {
    const config = await load(
      machine(Object.fromEntries([...all, json].slice(from))),
    );
    assert.is(config.settings.workers, from + 1);
  }
});

file("a JSON file may say where its schema is", async () => {
  const text = '{"$schema": "./corn.schema.json", "workers": 4}';
  const config = await load(machine({ "/srv/corn.config.json": text }));
  assert.is(config.settings.workers, 4);
  const module = { default: { $schema: "./corn.schema.json" } };
  const refused = await failure(
    load(machine({ "/srv/corn.config.ts": module })),
  );
  assert.match(refused.message, /Cannot use "\$schema" from corn\.config\.ts/);
});

file("a JSON file may begin with a byte order mark", async () => {
  const text = '\uFEFF{"workers": 4}\r\n';
  const config = await load(machine({ "/srv/corn.config.json": text }));
  assert.is(config.settings.workers, 4);
});

file("what has a usual name and is no file is refused", async () => {
  const others = { "/srv/corn.config.json": "{}", "/srv/app.ts": "" };
  const folder = machine({ ...others, "/srv/corn.config.ts/inside": "" });
  assert.is(
    (await failure(load(folder))).message,
    'Cannot load config file "corn.config.ts": it is not a file',
  );
  const linked = {
    ...machine(others),
    linkTarget: (path: string) =>
      path === "/srv/corn.config.ts" ? "../shared/prod.ts" : undefined,
  };
  assert.is(
    (await failure(load(linked))).message,
    'Cannot load config file "corn.config.ts": it is a link to "../shared/prod.ts", where there is nothing',
  );
});

file("a named file is read in their stead", async () => {
  const reader = machine({
    "/srv/corn.config.ts": { default: { workers: 1 } },
    "/etc/app #1.mjs": { default: { workers: 2 } },
  });
  const config = await load({
    ...reader,
    flags: parseArguments(["-c", "/etc/app #1.mjs"]),
  });
  assert.is(config.settings.workers, 2);
  assert.is(config.origins.workers, "/etc/app #1.mjs");
  assert.is(config.file, "/etc/app #1.mjs");
  assert.equal(reader.imported, ["file:///etc/app%20%231.mjs"]);
});

file("a later generation imports the file anew", async () => {
  const reader = machine({ "/srv/corn.config.ts": { default: {} } });
  await load({ ...reader, generation: 0 });
  await load({ ...reader, generation: 2 });
  assert.equal(reader.imported, [
    "file:///srv/corn.config.ts",
    "file:///srv/corn.config.ts 2",
  ]);
});

file("a function is called with the runtime and the environment", async () => {
  const config = await loadFile(
    ({ runtime, env }: ConfigContext) =>
      Promise.resolve({ env: { WHERE: `${runtime} ${env.X}` } }),
    { env: { X: "y" }, runtime: "bun" },
  );
  assert.equal(config.settings.env, { WHERE: "bun y" });
});

file("undefined counts as unset", async () => {
  const config = await loadFile({ workers: undefined, app: undefined });
  assert.is(config.origins.workers, "default");
});

const unknown: readonly [string, string][] = [
  ["wrokers", ", did you mean workers?"],
  ["graceful_timeout", ", did you mean gracefulTimeout?"],
  ["keepalive", ", did you mean keepAlive?"],
  ["App", ", did you mean app?"],
  ["constructor", ""],
];
for (const [name, hint] of unknown) {
  file(`"${name}" is no setting`, async () => {
    const error = await failure(loadFile({ [name]: 1 }));
    assert.instance(error, ConfigError);
    assert.is(
      error.message,
      `Cannot use "${name}" from corn.config.ts: no such setting${hint}`,
    );
  });
}

file("hooks are taken with their origins, and no setting", async () => {
  const preFork = () => ({ env: { A: "1" } });
  const { hooks, origins, settings } = await loadFile({
    preFork,
    onExit: undefined,
    hookTimeout: "2s",
  });
  assert.equal(Object.keys(hooks), ["preFork"]);
  assert.is(hooks.preFork, preFork);
  assert.is(origins.preFork, "corn.config.ts");
  assert.is(settings.hookTimeout, 2);
});

const badHooks: readonly [object, string][] = [
  [{ onExit: 3 }, "Cannot use onExit 3 from corn.config.ts: give a function"],
  [
    { postFrok: () => {} },
    'Cannot use "postFrok" from corn.config.ts: no such setting, did you mean postFork?',
  ],
  [
    { worker_ready: () => {} },
    'Cannot use "worker_ready" from corn.config.ts: no such setting, did you mean workerReady?',
  ],
];
for (const [content, message] of badHooks) {
  file(`${Object.keys(content)} is refused`, async () => {
    const error = await failure(loadFile(content));
    assert.instance(error, ConfigError);
    assert.is(error.message, message);
  });
}

file("a logger is the file's, or before it that of serve()", async () => {
  const make = () => {
    const log = () => {};
    return { debug: log, info: log, warning: log, error: log };
  };
  const [own, other] = [make(), make()];
  const options = { app: "app.ts", logger: own };
  const file = { app: "app.ts", logger: other };
  assert.is((await loadFile(file)).logger, other);
  assert.is((await loadFile(file, { options })).logger, own);
  assert.is((await load({ options })).logger, own);
});

file("serve() takes the arbiter's hooks, before the file's", async () => {
  const [own, other] = [() => {}, () => {}];
  const { hooks, origins } = await loadFile({ onExit: other, preFork: other }, {
    options: { onExit: own },
  });
  assert.is(hooks.onExit, own);
  assert.is(hooks.preFork, other);
  assert.is(origins.onExit, "serve()");
});

file("serve() takes no hook of workers", async () => {
  const error = await failure(load({ options: { preRequest() {} } }));
  assert.is(
    error.message,
    "Cannot use preRequest from serve(): it runs in workers, which load it from a file; put it into corn.config.ts",
  );
});

const boom = new SyntaxError("Unexpected token");
const broken: readonly [string, unknown, string, unknown?][] = [
  ["corn.config.ts", boom, "Unexpected token", boom],
  [
    "corn.config.ts",
    {},
    "it has no default export, write export default { … }",
  ],
  ["corn.config.ts", { default: [] }, "it must give an object, it gives []"],
  [
    "corn.config.ts",
    { default: () => 3 },
    "it must give an object, it gives 3",
  ],
  ["corn.config.json", '"text"', 'it must give an object, it gives "text"'],
];
for (const [name, content, reason, cause] of broken) {
  file(`${name} is refused: ${reason}`, async () => {
    const error = await failure(load(machine({ [`/srv/${name}`]: content })));
    assert.instance(error, ConfigError);
    assert.is(error.message, `Cannot load config file "${name}": ${reason}`);
    assert.is(error.cause, cause);
  });
}

file("a function that throws is refused with its cause", async () => {
  const error = await failure(loadFile(() => {
    throw boom;
  }));
  assert.is(
    error.message,
    'Cannot load config file "corn.config.ts": Unexpected token',
  );
  assert.is(error.cause, boom);
});

file("what Node cannot strip is refused with the way out", async () => {
  const error = Object.assign(
    new SyntaxError("TypeScript enum is not supported in strip-only mode"),
    { code: "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX" },
  );
  error.stack = `file:///srv/corn.config.ts:3\nenum A {}\n${error.stack}`;
  const content = { "/srv/corn.config.ts": error };
  const { message } = await failure(load(machine(content)));
  assert.match(
    message,
    /^Cannot load config file "corn\.config\.ts": enum is not erasable \(\/srv\/corn\.config\.ts:3\); write .* or install tsx and start corn with NODE_OPTIONS="--import tsx"/,
  );
  const other = await failure(load({ ...machine(content), runtime: "bun" }));
  assert.match(other.message, /: TypeScript enum is not supported/);
});

file("what Node takes for CommonJS is told how to be a module", async () => {
  const error = new SyntaxError(
    "Cannot use import statement outside a module",
  );
  const { message } = await failure(
    load(machine({ "/srv/corn.config.ts": error })),
  );
  assert.is(
    message,
    'Cannot load config file "corn.config.ts": Node takes it for CommonJS, write "type": "module" into the nearest package.json',
  );
});

file("bad JSON is refused", async () => {
  const error = await failure(load(machine({ "/srv/corn.config.json": "{" })));
  assert.match(
    error.message,
    /^Cannot load config file "corn\.config\.json": /,
  );
  assert.instance(error.cause, SyntaxError);
});

file("a named file must be there and be a file", async () => {
  const reader = machine({ "/srv/sub/x.yaml": "" });
  const reason = async (path: string) =>
    (await failure(load({ ...reader, env: { CORN_CONFIG: path } }))).message;
  assert.is(
    await reason("no.ts"),
    'Cannot load config file "no.ts": no such file',
  );
  assert.is(
    await reason("sub"),
    'Cannot load config file "sub": it is not a file',
  );
  assert.match(
    await reason("sub/x.yaml"),
    /: give a file that ends in \.ts, \.js, \.mjs or \.json$/,
  );
});

file.run();
