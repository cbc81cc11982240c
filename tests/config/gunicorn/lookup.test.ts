import { readdirSync, readFileSync } from "node:fs";
import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { findImports } from "../../../scripts/source.ts";
import { parseArguments } from "../../../src/cli/args.ts";
import { wordForCommand } from "../../../src/config/gunicorn/elsewhere.ts";
import {
  answerFlag,
  answerName,
  camelCase,
  gunicornSections,
  gunicornSettings,
} from "../../../src/config/gunicorn/lookup.ts";
import {
  flagOf,
  isSettingName,
  settingNames,
  settingOf,
} from "../../../src/config/table/settings.ts";
import { UnknownFlagError } from "../../../src/base/errors.ts";

const gunicorn = suite("gunicorn");

/** What Gunicorn 26.2 has under each heading. */
const COUNTS: Readonly<Record<string, number>> = {
  "Config file": 2,
  "Server socket": 2,
  "Worker processes": 13,
  "Security": 3,
  "Debugging": 6,
  "Server mechanics": 30,
  "Logging": 19,
  "Process naming": 2,
  "Server hooks": 16,
  "SSL": 8,
  "HTTP/2": 6,
  "Dirty arbiters": 9,
  "Control": 3,
};

/** Every flag of corn's, with its dashes. */
const cornFlags: ReadonlySet<string> = new Set(
  settingNames.flatMap((name) => {
    const { aliases = [], short } = settingOf(name);
    const long = [flagOf(name).slice(2), ...aliases];
    return [
      ...long.map((flag) => `--${flag}`),
      ...(short ? [`-${short}`] : []),
    ];
  }),
);

gunicorn("gunicornSections has all 119 settings, each once", () => {
  const counts = Object.entries(gunicornSections).map(([section, answers]) => [
    section,
    Object.keys(answers).length,
  ]);
  assert.equal(Object.fromEntries(counts), COUNTS);
  const names = gunicornSettings.map(([name]) => name);
  assert.is(new Set(names).size, 119);
  assert.is(names.length, 119);
});

gunicorn("gunicornSettings gives each flag to one setting", () => {
  const flags = gunicornSettings.flatMap(([, answer]) => answer.flags);
  assert.is(new Set(flags).size, flags.length);
  for (const flag of flags) {
    assert.match(flag, /^(-[a-zA-Z]|--[a-z][a-z0-9_-]+)$/);
  }
});

gunicorn("what takes the place of a setting may be one of corn's", () => {
  const others = gunicornSettings.filter(([, { kind }]) => kind === "instead");
  assert.equal(
    others.flatMap(([name, { setting }]) =>
      setting === undefined ? [] : [`${name}: ${setting}`]
    ).sort(),
    [
      "control_socket_disable: control",
      "dirty_graceful_timeout: gracefulTimeout",
      "http_parser: http",
      "ssl_context: sni",
      "ssl_version: tlsMinVersion",
    ],
  );
  const apps = others.find(([name]) => name === "wsgi_app")?.[1] ?? {};
  assert.not("setting" in apps);
});

gunicorn("gunicornSettings names settings and flags that corn has", () => {
  for (const [name, { setting, text }] of gunicornSettings) {
    if (setting !== undefined) assert.ok(isSettingName(setting), name);
    for (const [flag] of text.matchAll(/(?<![\w-])--?[a-z][\w-]*/g)) {
      // Of other programs: Gunicorn's page has no others.
      if (flag === "-ltn") continue;
      assert.ok(cornFlags.has(flag), `${name} names ${flag}`);
    }
  }
});

gunicorn("gunicornSettings has a reason wherever corn differs", () => {
  for (const [name, { kind, text }] of gunicornSettings) {
    assert.ok(kind === "same" || text !== "", name);
    assert.not.match(text, /^[A-Z][a-z]|[.\s]$|\n/, name);
  }
});

gunicorn(
  "what corn has by the same name or flag is said to be the same",
  () => {
    for (const [name, { flags, kind }] of gunicornSettings) {
      if (
        isSettingName(camelCase(name)) ||
        flags.some((flag) => cornFlags.has(flag))
      ) {
        assert.is(kind, "same", name);
      }
    }
  },
);

gunicorn("Gunicorn's flags work where corn has the setting", () => {
  let tried = 0;
  for (const [, { flags, kind, setting }] of gunicornSettings) {
    if (kind !== "same") continue;
    for (const flag of flags) {
      tried++;
      const bare = settingOf(setting!).type === "boolean";
      const parsed = parseArguments(bare ? [flag] : [flag, "1"]);
      assert.equal(Object.keys(parsed.values), [setting], flag);
      assert.is(parsed.values[setting!]?.origin, flag);
    }
  }
  assert.ok(tried > 20);
});

gunicorn("Gunicorn's other flags are refused and answered", () => {
  let tried = 0;
  for (const [name, { flags, kind, text }] of gunicornSettings) {
    if (kind === "same") continue;
    for (const flag of flags) {
      tried++;
      assert.throws(
        () => parseArguments(["app.ts", flag, "1"]),
        (error: unknown) =>
          error instanceof UnknownFlagError && error.flag === flag,
        flag,
      );
      const answer = answerFlag(flag) ?? "";
      assert.ok(answer.includes(name) && answer.includes(text), flag);
    }
  }
  assert.ok(tried > 40);
});

gunicorn(
  "answerFlag() knows a flag cut short where that leaves no doubt",
  () => {
    assert.is(answerFlag("--certfile=a"), answerFlag("--certfile"));
    assert.is(answerFlag("--worker-cl"), answerFlag("--worker-class"));
    assert.is(answerFlag("--worker-c"), undefined);
    assert.is(answerFlag("--paste"), answerFlag("--paster"));
    assert.is(answerFlag("-k"), answerFlag("--worker-class"));
    for (const other of ["-x", "-", "--", "k", "--wat"]) {
      assert.is(answerFlag(other), undefined, other);
    }
  },
);

gunicorn("answerName() knows Gunicorn's names in both spellings", () => {
  for (const [name, { setting }] of gunicornSettings) {
    const answer = answerName(name) ?? "";
    assert.ok(answer.includes(name), name);
    assert.is(answerName(camelCase(name)), answer, name);
    if (setting !== undefined) assert.ok(answer.includes(flagOf(setting)));
  }
  assert.is(answerName("wrokers"), undefined);
});

gunicorn("only an unknown flag or name loads what is known of Gunicorn", () => {
  const src = new URL("../../../src/", import.meta.url);
  const importers = readdirSync(src, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => ({ path, text: readFileSync(new URL(path, src), "utf8") }))
    .filter(({ path, text }) =>
      !path.startsWith("config/gunicorn") &&
      findImports(text).some(({ specifier }) =>
        /gunicorn|elsewhere|answers/.test(specifier)
      )
    );
  assert.equal(importers.map(({ path }) => path).sort(), [
    "launch/answers.ts",
    "launch/explain.ts",
  ]);
  const { text } = importers.find(({ path }) => path === "launch/explain.ts")!;
  assert.is(text.match(/answers\.ts/g)?.length, 1);
  assert.match(text, /function explain[^]* await import\("\.\/answers\.ts"\)/);
});

gunicorn("answerName() says where a name works", () => {
  assert.is(
    answerName("check_config"),
    "Gunicorn's check_config is a flag only, give --check-config",
  );
  assert.is(
    answerName("backlog"),
    "Gunicorn's backlog is backlog, or --backlog on the command line",
  );
});

gunicorn(
  "wordForCommand() answers commands that start with the machine",
  () => {
    for (const word of ["save", "startup", "enable"]) {
      assert.is(
        wordForCommand(word),
        "let systemd start it, docs/deploy.md has the unit",
        word,
      );
    }
  },
);

gunicorn.run();
