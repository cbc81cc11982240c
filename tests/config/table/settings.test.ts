import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import {
  flagOf,
  isSettingName,
  type SettingName,
  settingNames,
  settingOf,
  variableOf,
} from "../../../src/config/table/settings.ts";
import type { Config, Settings } from "../../../src/config/table/types.ts";
import {
  defaultOf,
  formatValue,
  parseValue,
} from "../../../src/config/table/values.ts";
import { ConfigError, messageOf } from "../../../src/base/errors.ts";
import { parseArguments } from "../../../src/cli/args.ts";
import { type Case, cases } from "../cases.ts";
import { failure, load, machine } from "../support.ts";

const settings = suite("settings");

/** Folders and files that the cases name. */
const files = {
  "/srv/sub/file": "",
  "/srv/conf/corn.config.ts": { default: {} },
};

for (const name of settingNames) {
  const setting = settingOf(name);
  const { texts, values, bad, default: expected, beside = {} }: Case =
    cases[name];
  const options = beside;
  const value = (config: Config) => config.settings[name];

  settings(`${name} has its default`, async () => {
    const config = await load();
    assert.equal(value(config), expected);
    assert.is(config.origins[name], "default");
  });

  settings(`${name} is read from its flag`, async () => {
    for (const [text, result] of texts) {
      const flags = parseArguments([`${flagOf(name)}=${text}`]);
      const config = await load({ ...machine(files), flags, options });
      assert.equal(value(config), result, text);
      assert.is(config.origins[name], flagOf(name));
    }
  });

  settings(`${name} is read from its variable`, async () => {
    for (const [text, result] of texts) {
      const loading = load({
        ...machine(files),
        options,
        env: { [variableOf(name)]: text },
      });
      if (setting.inEnvironment === false) {
        assert.match((await failure(loading)).message, /it is a flag only/);
        continue;
      }
      const config = await loading;
      assert.equal(value(config), result, text);
      assert.is(config.origins[name], variableOf(name));
    }
  });

  settings(`${name} is read from the config file`, async () => {
    for (const [given, result] of values) {
      const content = { default: { [name]: given } };
      const loading = load({
        ...machine({ ...files, "/srv/corn.config.ts": content }),
        options,
      });
      if (setting.inFile === false) {
        assert.match((await failure(loading)).message, /it is a flag only/);
        continue;
      }
      const config = await loading;
      assert.equal(value(config), result, String(given));
      assert.is(config.origins[name], "corn.config.ts");
    }
  });

  settings(`${name} refuses bad values`, () => {
    for (const [given, reason] of bad) {
      try {
        parseValue(name, { value: given, origin: "here" });
        assert.unreachable(`${name} took ${String(given)}`);
      } catch (error) {
        assert.instance(error, ConfigError, messageOf(error));
        assert.match(messageOf(error), reason);
        assert.match(
          messageOf(error),
          new RegExp(`^Cannot use ${name} .* from here: .*[^.]$`),
        );
      }
    }
  });

  settings(`${name} is read again as it is written`, () => {
    const all = [...texts, ...values].flatMap(([, parsed]) => {
      if (Array.isArray(parsed)) return parsed.map((one) => [one]);
      if (setting.type !== "pairs") return [parsed];
      return Object.entries(parsed as object).map((one) =>
        Object.fromEntries([one])
      );
    });
    for (const one of all) {
      const text = formatValue(name, one as Settings[typeof name]);
      if (text === "") continue;
      assert.equal(parseValue(name, { value: text, origin: "here" }), one);
    }
  });

  // Nothing stands for what is unset, nor for a list of nothing.
  const unset = expected === undefined || setting.type === "pairs" ||
    Array.isArray(expected) && expected.length === 0;
  if (unset) continue;
  settings(`${name} has a text that reads as the same value`, () => {
    const text = formatValue(name, defaultOf(name));
    assert.equal(parseValue(name, { value: text, origin: "here" }), expected);
  });
}

settings("flags and letters are each used once", () => {
  const flags = settingNames.flatMap((name) => {
    const { short, aliases = [] } = settingOf(name);
    return [
      flagOf(name),
      ...aliases.map((alias) => `--${alias}`),
      short ? `-${short}` : [],
    ];
  }).flat();
  flags.push("--help", "-h", "--version", "-v");
  assert.is(new Set(flags).size, flags.length);
});

settings(
  "meanings are two short sentences at most, the last without a period",
  () => {
    for (const name of settingNames) {
      const { meaning } = settingOf(name);
      assert.match(meaning, /^[A-Z].*[^.\s]$/, name);
      assert.not.match(meaning, ";", name);
      assert.ok(meaning.split(". ").length <= 2, name);
      assert.ok(meaning.length <= 125, name);
    }
  },
);

settings("isSettingName() knows only the table's own names", () => {
  assert.ok(isSettingName("workers"));
  assert.not(isSettingName("constructor"));
});

settings("flagOf() and variableOf() derive from the name", () => {
  const name: SettingName = "maxRequestsJitter";
  assert.is(flagOf(name), "--max-requests-jitter");
  assert.is(variableOf(name), "CORN_MAX_REQUESTS_JITTER");
});

settings("what is asked of one start alone is a flag only", () => {
  const names = (kind: "inFile" | "inEnvironment") =>
    settingNames.filter((name) => settingOf(name)[kind] === false).sort();
  assert.equal(names("inFile"), ["checkConfig", "config", "printConfig"]);
  assert.equal(names("inEnvironment"), ["checkConfig", "printConfig"]);
});

settings.run();
