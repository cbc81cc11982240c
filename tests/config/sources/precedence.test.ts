import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { parseArguments, parseCommandArgs } from "../../../src/cli/args.ts";
import {
  flagOf,
  type SettingName,
  settingNames,
  settingOf,
  variableOf,
} from "../../../src/config/table/settings.ts";
import { loadConfig } from "../../../src/config/sources/load.ts";
import { messageOf } from "../../../src/base/errors.ts";
import { anySeed, randomFrom } from "../../support/random.ts";
import { cases } from "../cases.ts";
import { machine } from "../support.ts";

const precedence = suite("precedence");

/** From the best source to the worst. */
const SOURCES = [
  "flags",
  "serve()",
  "variable",
  "CORN_CMD_ARGS",
  "file",
  "platform",
] as const;
type SourceName = (typeof SOURCES)[number];

const STEPS = 500;

precedence("the best source that gives a setting decides it", async () => {
  const seed = anySeed();
  try {
    const next = randomFrom(seed);
    for (let step = 0; step < STEPS; step++) await check(next);
  } catch (error) {
    throw new Error(
      `Cannot keep the order with SEED=${seed}: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
});

async function check(next: () => number): Promise<void> {
  const line: string[] = [];
  const words: string[] = [];
  const env: Record<string, string> = {};
  const file: Record<string, unknown> = {};
  const options: Record<string, unknown> = {};
  const expected = new Map<SettingName, readonly [unknown, string]>();
  // Each of the two pairs may contradict each other.
  const absent = next() < 0.5
    ? ["queues", "inspect"]
    : ["reusePort", "inspectBrk"];
  for (const name of settingNames) {
    if (absent.includes(name)) continue;
    // Most need a certificate, which contradicts others.
    if (settingOf(name).section === "TLS") continue;
    // These two change where the others are looked for.
    if (name === "chdir" || name === "config") continue;
    // Sync workers go with no cap of what is in hand.
    if (name === "workerClass" || name === "threads") continue;
    // A native engine, and a Node listener, go with no limits.
    if (name === "http" || name === "gateway") continue;
    const setting = settingOf(name);
    const won = SOURCES.filter((source) => next() < 0.4 && may(name, source))
      .map((source) => {
        const { texts } = cases[name];
        const [text, value] = texts[Math.floor(next() * texts.length)]!;
        const flag = `${flagOf(name)}=${text}`;
        if (source === "flags") line.push(flag);
        if (source === "CORN_CMD_ARGS") words.push(`'${flag}'`);
        if (source === "serve()") options[name] = text;
        if (source === "file") file[name] = text;
        if (source === "variable") env[variableOf(name)] = text;
        if (source !== "platform") {
          return [value, originOf(name, source)] as const;
        }
        const [variable = ""] = Object.keys(setting.variables ?? {});
        // Not all of them take the texts of their setting.
        const platform = {
          PORT: ["77", [{ kind: "tcp", host: "0.0.0.0", port: 77 }]] as const,
          WEB_CONCURRENCY: ["77", 77] as const,
        }[variable] ?? [text, value];
        env[variable] = platform[0];
        return [platform[1], variable] as const;
      });
    expected.set(name, won[0] ?? [cases[name].default, "default"]);
  }
  const { settings, origins } = await loadConfig({
    ...machine({ "/srv/corn.config.ts": { default: file } }),
    flags: parseArguments(line),
    commandArgs: parseCommandArgs(words.join(" ")),
    options,
    env,
  });
  for (const [name, [value, origin]] of expected) {
    assert.equal(settings[name], value, name);
    assert.is(origins[name], origin, name);
  }
}

function may(name: SettingName, source: SourceName): boolean {
  const { inFile, inEnvironment, variables } = settingOf(name);
  if (source === "file" || source === "serve()") return inFile !== false;
  if (source === "variable") return inEnvironment !== false;
  return source !== "platform" || variables !== undefined;
}

function originOf(name: SettingName, source: SourceName): string {
  if (source === "flags") return flagOf(name);
  if (source === "variable") return variableOf(name);
  return source === "file" ? "corn.config.ts" : source;
}

precedence.run();
