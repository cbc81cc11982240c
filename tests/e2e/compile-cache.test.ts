// runtimes: node24
import { chmodSync, globSync, mkdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import * as assert from "../support/assert.ts";
import { get } from "../support/client/curl.ts";
import { type Lab, promises } from "../support/promise.ts";
import { canBeNobody, NOBODY } from "../support/machine/user.ts";
import { until } from "../support/wait.ts";

const cache = promises("--compile-cache");
const uid = process.getuid?.() ?? 0;
/** The tests' own cache would be taken. */
const env = { NODE_COMPILE_CACHE: undefined };

/** A folder for it, which all may enter, and an app of two modules. */
function prepare(lab: Lab) {
  chmodSync(lab.folder, 0o755);
  const folder = join(lab.folder, "compiled");
  mkdirSync(folder, { mode: 0o755 });
  lab.forgive(folder);
  lab.write("part.mjs", `export const text = "${lab.mark}";\n`);
  const app = lab.write(
    "app.mjs",
    `import { text } from "./part.mjs";
export default { fetch: () => new Response(text + process.env.NODE_COMPILE_CACHE) };
`,
  );
  return { folder, app };
}

/** The compiled modules of a user. */
function compiled(folder: string, user = uid): string[] {
  return globSync(join(folder, String(user), "*", "*"))
    // Others are about to be renamed.
    .filter((path) => /\/[0-9a-f]+$/.test(path));
}

const args = (folder: string) => [
  ...["-w", "1", "-b", "127.0.0.1:0", "--log-level", "debug"],
  ...["--compile-cache", folder],
];

cache(
  "it is written while corn runs, since what is killed writes nothing",
  async (lab) => {
    const { folder, app } = prepare(lab);
    const server = await lab.start({ app, env, args: args(folder) });
    assert.is(await get(server.url), `${lab.mark}${folder}/${uid}`);
    // The arbiter has more modules than the worker: of both something is there.
    await until("the arbiter's", () => compiled(folder).length > 0);
    const before = compiled(folder).length;
    await until("the worker's", () => compiled(folder).length > before + 2);
    assert.is(statSync(join(folder, String(uid))).mode & 0o777, 0o700);
  },
);

cache("--check-config fills it for the first start", async (lab) => {
  const { folder, app } = prepare(lab);
  const checked = lab.run({
    app,
    env,
    args: [...args(folder), "--check-config"],
  });
  assert.is((await checked.ended).code, 0);
  const files = compiled(folder);
  const server = await lab.start({ app, env, args: args(folder) });
  assert.is(await get(server.url), `${lab.mark}${folder}/${uid}`);
  // What a check does without, as what supervises; of the package's files, large ones all, it has every other.
  const later = compiled(folder).length - files.length;
  assert.ok(files.length > 10 && later < files.length, `${later} later`);
});

cache(
  "where it cannot be, corn serves without and says so for --log-level debug",
  async (lab) => {
    const { folder, app } = prepare(lab);
    chmodSync(folder, 0o777);
    const server = await lab.start({ app, env, args: args(folder) });
    assert.is(await get(server.url), `${lab.mark}undefined`);
    assert.equal(
      server.log().match(/\[DEBUG\] Workers keep no compiled code in .*/g),
      [`[DEBUG] Workers keep no compiled code in "${folder}/${uid}": "${folder}" can be written by others than user ${uid}`],
    );
    rmSync(folder, { recursive: true });
  },
);

cache("with --user there is one for root and one for the user", async (lab) => {
  if (!canBeNobody()) return lab.skip("nobody cannot run corn from here");
  const { folder, app } = prepare(lab);
  const server = await lab.start({
    app,
    env,
    args: [
      ...args(folder),
      "--user",
      String(NOBODY),
      "--group",
      String(NOBODY),
    ],
  });
  assert.is(await get(server.url), `${lab.mark}${folder}/${NOBODY}`);
  await until("the worker's", () => compiled(folder, NOBODY).length > 2);
  await until("the arbiter's", () => compiled(folder, 0).length > 2);
  for (const user of [0, NOBODY]) {
    for (
      const path of [join(folder, String(user)), ...compiled(folder, user)]
    ) {
      const { uid, mode } = statSync(path);
      assert.is(uid, user, path);
      assert.is(mode & 0o022, 0, path);
    }
  }
  assert.is(statSync(folder).uid, 0);
});

cache.run();
