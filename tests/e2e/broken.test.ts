import * as assert from "../support/assert.ts";
import { get } from "../support/client/curl.ts";
import { runtimeName } from "../support/process/command.ts";
import {
  assertNothingLost,
  describeLoad,
  underLoad,
} from "../support/load/load.ts";
import { fixture, promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";

const broken = promises("broken code");

const GOOD = `export default { fetch: () => new Response("one") };\n`;

/** Ways to be broken, and what must be said of each. */
const cases: Readonly<
  Record<string, { text: string; said: readonly RegExp[] }>
> = {
  "syntax.ts": {
    text:
      `const fine = 1;\nexport default { fetch() { return new Response("x"; } };\n`,
    said: [/Cannot load app "syntax\.ts"/, /syntax\.ts:2\b/],
  },
  "throws.ts": {
    text:
      `function connect() {\n  throw new Error("no database");\n}\nconnect();\n`,
    said: [
      /Cannot load app "throws\.ts"/,
      /no database/,
      /connect.*throws\.ts:2\b/,
    ],
  },
  "import.ts": {
    text: `import "./nowhere.ts";\n${GOOD}`,
    said: [/Cannot load app "import\.ts"/, /nowhere\.ts/],
  },
  "number.ts": {
    text: `export default 42;\n`,
    said: [
      /Cannot use "number\.ts" as an app: default export is the number 42/,
    ],
  },
  "nothing.ts": {
    text: `export const other = 1;\n`,
    said: [/Cannot use "nothing\.ts".*its exports are "other"/],
  },
};

broken(
  "an app that cannot be loaded ends with code 4 and says why once",
  async ({ folder, write, run }) => {
    const commands = Object.entries(cases).map(([name, { text, said }]) => {
      write(name, text);
      // That each worker has the same to say, one of the cases shows.
      const workers = name === "throws.ts" ? "2" : "1";
      const args = ["-w", workers];
      return { said, ...run({ app: name, args, cwd: folder }) };
    });
    for (const { said, ended, log } of commands) {
      const { code } = await ended;
      assert.is(code, 4, log());
      for (const pattern of said) {
        assert.match(log(), pattern);
        const again = new RegExp(
          `${pattern.source}[^]*Cannot[^]*${pattern.source}`,
        );
        assert.not.match(log(), again, "it is said once");
      }
      assert.not.match(log(), /node:internal|ext:|bun:|src\/worker/);
    }
  },
);

broken("a wrong export is refused by name", async ({ folder, write, run }) => {
  write("app.ts", `export const api = { fetch: () => new Response() };\n`);
  const command = run({ app: "app.ts:apu", args: ["-w", "1"], cwd: folder });
  assert.is((await command.ended).code, 4);
  assert.match(
    command.log(),
    /Cannot find "apu" in "app\.ts:apu": its exports are "api"/,
  );
});

broken(
  "an app that never loads ends with code 3 after the boot timeout",
  async ({ folder, write, run }) => {
    write(
      "hang.ts",
      `setInterval(() => {}, 1000);\nawait new Promise(() => {});\n`,
    );
    const command = run({
      app: "hang.ts",
      args: ["-w", "1", "--boot-timeout", "1"],
      cwd: folder,
    });
    assert.is((await command.ended).code, 3);
    assert.match(
      command.log(),
      /not ready within the boot timeout: killing it/,
    );
  },
);

broken(
  "an app that ends its process at start ends with code 3",
  async ({ folder, write, run }) => {
    write(
      "exits.ts",
      `import process from "node:process";\nprocess.exit(0);\n`,
    );
    const command = run({ app: "exits.ts", args: ["-w", "2"], cwd: folder });
    assert.is((await command.ended).code, 3);
    assert.match(command.log(), /exited with code 0 before it was ready/);
  },
);

broken(
  "a config file that ends its process ends no corn",
  async ({ folder, write, start, run }) => {
    const configure = (text: string) =>
      write(
        "corn.config.mjs",
        `import { exit } from "node:process";\n${text}\nexport default { onReload: () => exit(0) };\n`,
      );
    write("app.ts", GOOD);
    configure("exit(0);");
    const options = { app: "app.ts", args: ["-w", "1"], cwd: folder };
    const command = run(options);
    const refused =
      /Cannot load config file "corn\.config\.mjs": it calls \w+\.exit\(0\)/;
    assert.is((await command.ended).code, 1);
    assert.match(command.log(), refused);
    configure("await new Promise(() => {});");
    // Deno is never idle while corn listens to signals: it takes the whole limit there.
    if (runtimeName !== "deno") {
      const waiting = run(options);
      assert.is((await waiting.ended).code, 1);
      assert.match(waiting.log(), /it waits for what never comes/);
    }
    configure("");
    const server = await start(options);
    configure("exit(0);");
    server.signal("SIGHUP");
    await server.waitForLog(refused);
    assert.is(await get(server.url), "one");
    // What a hook does is done: it is said, and is no success.
    configure("");
    server.signal("SIGHUP");
    assert.is((await server.ended).code, 1);
    const said = /\[CRITICAL\] Ended by a call of process\.exit\(0\)/;
    assert.match(server.log(), said);
    // JavaScriptCore keeps no frame of a function that ends with a call.
    if (runtimeName !== "bun") {
      assert.match(server.log(), /corn\.config\.mjs\S*:3/);
    }
  },
);

broken(
  "broken code at a reload changes nothing",
  async ({ folder, write, start }) => {
    write("app.ts", GOOD);
    const server = await start({
      app: "app.ts",
      args: ["-w", "2"],
      cwd: folder,
    });
    const before = server.workers();
    for (const { text } of [cases["syntax.ts"]!, cases["throws.ts"]!]) {
      const from = server.log().length;
      write("app.ts", text);
      server.signal("SIGHUP");
      await server.waitForLog(
        /\[ERROR\] Reload failed: generation 1 serves on/,
        { from },
      );
      await until(
        "the failed worker to be gone",
        () => server.workers().length === 2,
      );
      assert.match(server.log().slice(from), /Cannot load app/);
      assert.equal(server.workers(), before);
      assert.is(await get(server.url), "one");
    }
    write("app.ts", GOOD.replace("one", "two"));
    server.signal("SIGHUP");
    await server.waitForLog(/Reload done/);
    await until(
      "the old workers to leave",
      () => !server.workers().some((pid) => before.includes(pid)),
    );
    assert.is(await get(server.url), "two");
  },
);

broken(
  "reloads to code that never serves fail no request",
  async ({ folder, write, start }) => {
    const good = `export { default } from ${
      JSON.stringify(fixture("app.ts"))
    };\n`;
    const hang = "setInterval(() => {}, 1000);\nawait new Promise(() => {});\n";
    write("app.ts", good);
    const args = ["-w", "2"];
    const server = await start({ app: "app.ts", args, cwd: folder });
    const before = server.workers();
    // A slow machine may need longer for the start.
    write("corn.config.mjs", "export default { bootTimeout: 3 };\n");
    const report = await underLoad(
      // It goes on for as long as code that hangs is waited for.
      { url: server.url, keepAlive: 4, single: 2, streams: 1, posts: 2 },
      async (load) => {
        for (
          const code of [
            `throw new Error("no database");\n`,
            `import process from "node:process";\nprocess.exit(0);\n`,
            // A loop that leaves the processor to others.
            `const never = new Int32Array(new SharedArrayBuffer(4));\nwhile (true) Atomics.wait(never, 0, 0, 5);\n`,
            hang,
          ]
        ) {
          const from = server.log().length;
          write("app.ts", `${code}${good}`);
          server.signal("SIGHUP");
          await server.waitForLog(/Reload failed: generation 1 serves on/, {
            from,
          });
          await until(
            "the failed worker to be gone",
            () => server.workers().length === 2,
          );
          assert.equal(server.workers(), before);
        }
        await load.more(200);
      },
    );
    console.log(`\n# ${runtimeName}, broken code: ${describeLoad(report)}`);
    assertNothingLost(report);
  },
);

broken(
  "code that loads and then dies changes nothing at a reload",
  async ({ folder, write, start }) => {
    write("app.ts", GOOD);
    const args = ["-w", "2"];
    const server = await start({ app: "app.ts", args, cwd: folder });
    const before = server.workers();
    write("app.ts", `${GOOD}setTimeout(() => process.exit(1), 200);\n`);
    server.signal("SIGHUP");
    await server.waitForLog(
      /Reload failed: generation 1 serves on; generation 2 given up after .*: Worker 1 \(pid \d+\) exited with code 1/,
    );
    assert.not.match(server.log(), /Reload begins[^]* ready in/);
    await until("the old pool alone", () => server.workers().length === 2);
    assert.equal(server.workers(), before);
    assert.is(await get(server.url), "one");
  },
);

broken.run();
