import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { parseArguments } from "../../src/cli/args.ts";
import { printConfig } from "../../src/config/print.ts";
import { settingNames } from "../../src/config/table/settings.ts";
import { load, loadFile } from "./support.ts";

const print = suite("print");

const FIRST = [
  ...["app", "bind", "backlog", "reusePort", "queues"],
  ...["unixMode", "unixOwner", "workers"],
];

print(
  "printConfig() writes each setting in order, with value and origin",
  async () => {
    const flags = parseArguments([
      "-w4",
      "--unix-mode=600",
      "-b",
      ":1,unix:/a",
      "app.ts:x",
    ]);
    const lines = printConfig(await load({ flags })).trimEnd().split("\n");
    assert.equal(lines.map((line) => line.split(" ")[0]), [
      "app",
      ...settingNames,
    ]);
    const written = lines.map((line) =>
      line.split(/ {2,}/).map((cell) => cell.trim())
    );
    const shown = written.filter(([name = ""]) => FIRST.includes(name));
    assert.equal(shown, [
      ["app", "app.ts:x", "# the command line"],
      ["bind", "0.0.0.0:1,unix:/a", "# -b"],
      ["backlog", "2048", "# default"],
      ["reusePort", "-", "# default"],
      ["queues", "auto", "# default"],
      ["unixMode", "0o600", "# --unix-mode"],
      ["unixOwner", "-", "# default"],
      ["workers", "4", "# -w"],
    ]);
    // A value that is too long for its column pushes its own origin only.
    const columns = new Set(
      lines.filter((line) =>
        !/^(secureSchemeHeaders|metricsBuckets)/.test(line)
      )
        .map((line) => line.indexOf("#")),
    );
    assert.is(columns.size, 1);
    const longest = Math.max(...settingNames.map((name) => name.length));
    assert.ok(Math.max(...columns) <= longest + 2 + 40 + 2);
  },
);

const secrets: readonly [string, string, boolean][] = [
  ["API_KEY", "x", true],
  ["apiToken", "x", true],
  ["DB_PASSWORD", "x", true],
  ["DB_PASS", "x", true],
  ["CLIENT_SECRET", "x", true],
  ["AWS_CREDENTIALS", "x", true],
  ["DATABASE_URL", "postgres://user:pw@host/db", true],
  ["DATABASE_URL", "postgres://host/db?email=a@b", false],
  ["NODE_ENV", "production", false],
];
for (const [name, value, masked] of secrets) {
  print(
    `printConfig() ${masked ? "masks" : "shows"} ${name}=${value}`,
    async () => {
      const text = printConfig(await loadFile({ env: { [name]: value } }));
      const line = text.split("\n").find((one) => one.startsWith("env "));
      assert.is(line?.split(/ {2,}/)[1], `${name}=${masked ? "***" : value}`);
    },
  );
}

print("printConfig() masks secrets wherever they stand", async () => {
  const text = printConfig(
    await loadFile({
      app: 'app.ts:create({"apiToken":"a b","port":1,"url":"redis://u:pw@h"})',
      workerArgs: ["--define", "API_KEY=xyz", "--smol"],
      upgradeCommand: "env DB_PASSWORD=hush bun mod.ts",
      pid: "/run/keys/corn.pid",
    }),
  );
  const shown = (name: string) =>
    text.split("\n").find((one) => one.startsWith(`${name} `))
      ?.split(/ {2,}/)[1];
  assert.is(
    shown("app"),
    'app.ts:create({"apiToken":***,"port":1,"url":"redis://***@h"})',
  );
  assert.is(shown("workerArgs"), "--define API_KEY=*** --smol");
  assert.is(shown("upgradeCommand"), "env DB_PASSWORD=*** bun mod.ts");
  assert.is(shown("pid"), "/run/keys/corn.pid");
});

print(
  "printConfig() names hooks",
  async () => {
    const text = printConfig(await loadFile({ postFork() {} }));
    assert.match(text, /^postFork +<function> +# corn\.config\.ts$/m);
  },
);

print(
  "printConfig() makes room for values of up to 40 characters",
  async () => {
    const at = async (length: number) => {
      const pid = `/${"a".repeat(length - 1)}`;
      const text = printConfig(await loadFile({ pid }));
      const line = (name: string) =>
        text.split("\n").find((one) => one.startsWith(`${name} `)) ?? "";
      return line("pid").indexOf("#") - line("workers").indexOf("#");
    };
    assert.is(await at(40), 0);
    assert.ok(await at(41) > 0, "its own origin stands out");
  },
);

print("printConfig() keeps a value on its line", async () => {
  const text = printConfig(await loadFile({ env: { A: "1\nworkers 9" } }));
  assert.ok(text.includes(String.raw`"A=1\nworkers 9"`));
});

print.run();
