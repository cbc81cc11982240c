import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import * as assert from "../support/assert.ts";
import { fixture, promises } from "../support/promise.ts";

const pidfile = promises("pid file");
const app = fixture("app.ts");

pidfile(
  "it holds the arbiter's pid as long as that lives",
  async ({ start, folder }) => {
    const path = join(folder, "corn.pid");
    const server = await start({ app, args: ["-w", "1", "--pid", path] });
    assert.is(readFileSync(path, "utf8"), `${server.pid}\n`);
    assert.is((await server.stop()).code, 0);
    assert.not.ok(existsSync(path));
  },
);

pidfile("one of a living process is refused", async ({ run, write }) => {
  const path = write("corn.pid", `${process.pid}\n`);
  const command = run({ app, args: ["-w", "1", "--pid", path] });
  assert.is((await command.ended).code, 1);
  assert.match(command.log(), `Cannot write pid file "${path}"`);
  assert.match(command.log(), `pid ${process.pid}; stop it`);
  assert.is(readFileSync(path, "utf8"), `${process.pid}\n`, "it is left alone");
});

pidfile(
  "one of a dead process is taken over",
  async ({ start, run, write }) => {
    const dead = run({ args: ["--version"] });
    await dead.ended;
    const path = write("corn.pid", `${dead.pid}\n`);
    const server = await start({ app, args: ["-w", "1", "--pid", path] });
    assert.is(readFileSync(path, "utf8"), `${server.pid}\n`);
    await server.stop("SIGINT");
    assert.not.ok(existsSync(path));
  },
);

pidfile("one that cannot be written is refused", async ({ run, folder }) => {
  const path = join(folder, "nowhere", "corn.pid");
  const command = run({ app, args: ["-w", "1", "--pid", path] });
  assert.is((await command.ended).code, 1);
  assert.match(
    command.log(),
    `Cannot write pid file "${path}": its folder does not exist`,
  );
});

pidfile.run();
