/** `corn make`: files for what runs corn, from the config as corn reads it. */
import { UsageError } from "../base/errors.ts";
import { didYouMean } from "../base/nearest.ts";
import { resolvePath } from "../base/path.ts";
import { orList } from "../config/values/scalars.ts";
import { readFirst } from "../launch/sources.ts";
import type { Program } from "../launch/sources.ts";
import { KINDS } from "../make/kinds.ts";
import { subjectOf } from "../make/subject.ts";
import type { Place } from "../make/subject.ts";
import { writeMade } from "../make/write.ts";
import { parseArguments, parseCommandArgs } from "./args.ts";
import { inJson } from "./in-json.ts";
import type { Answer } from "./in-json.ts";

/** What stands behind `corn make`. */
export interface MakeOrder {
  readonly kind: string;
  readonly folder: string | undefined;
  readonly force: boolean;
  /** The systemd that the unit is for, such as 255. */
  readonly systemd: number | undefined;
  /** The settings and the app, as corn reads them. */
  readonly given: readonly string[];
}

/** Reads the words behind `make`. @throws UsageError */
export function readMakeOrder(words: readonly string[]): MakeOrder {
  const [kind = "", ...rest] = words;
  const kinds = Object.keys(KINDS);
  if (!Object.hasOwn(KINDS, kind)) {
    const what = kind === "" || kind.startsWith("-") ? "nothing" : `"${kind}"`;
    throw new UsageError(
      `Cannot make ${what}: give ${orList(kinds)}${didYouMean(kind, kinds)}`,
    );
  }
  let folder: string | undefined;
  let systemd: number | undefined;
  let force = false;
  const given: string[] = [];
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at]!;
    const [, flag = "", joined] =
      /^(--output|--systemd)(?:=(.*))?$/s.exec(word) ??
        /^(-o)(.+)?$/s.exec(word) ?? [];
    if (word === "--force") force = true;
    else if (flag === "") given.push(word);
    else {
      const value = joined ?? rest[++at];
      if (value === undefined || value === "") {
        throw new UsageError(`Cannot use flag "${flag}": it needs a value`);
      }
      if (flag === "--systemd") systemd = readVersion(value);
      else folder = value;
    }
  }
  return { kind, folder, systemd, force, given };
}

/** True for `--help` and `-h`, wherever they stand. */
function asksForHelp(words: readonly string[]): boolean {
  return words.includes("--help") || words.includes("-h");
}

function makeHelp(): string {
  const width = Math.max(...Object.keys(KINDS).map(({ length }) => length));
  return [
    "corn make KIND [-o DIR] [--force] [--systemd VERSION] [--json] [APP] [FLAG...]",
    "Write files that fit the settings",
    "",
    ...Object.entries(KINDS).map(([name, { meaning }]) =>
      `  ${name.padEnd(width)}  ${meaning}`
    ),
    "",
  ].join("\n");
}

function readVersion(text: string): number {
  if (/^\d{3,4}$/.test(text)) return Number(text);
  throw new UsageError(
    `Cannot use --systemd "${text}": give its version, such as 255`,
  );
}

/** Makes what was asked for and writes it. @throws CornError */
export function runMake(
  words: readonly string[],
  program: Program,
): Promise<number> {
  const { self } = program.runtime;
  return inJson(words, self, (rest, answer) => make(rest, program, answer));
}

async function make(
  words: readonly string[],
  program: Program,
  answer: Answer,
): Promise<number> {
  const { runtime } = program;
  const { self, files } = runtime;
  if (asksForHelp(words)) {
    const kinds = Object.fromEntries(
      Object.entries(KINDS).map(([name, { meaning }]) => [name, meaning]),
    );
    answer.tell(makeHelp(), { command: "make", kinds });
    return 0;
  }
  const { kind, given, systemd, ...target } = readMakeOrder(words);
  const { config } = await readFirst(program, {
    flags: parseArguments(given),
    commandArgs: parseCommandArgs(self.env().CORN_CMD_ARGS),
  });
  const place: Place = {
    runtime: runtime.name,
    version: runtime.version,
    start: startOf(self),
    given,
    folder: self.start.folder,
    env: self.env(),
    has: (name) => files.kind(resolvePath(self.start.folder, name)) === "file",
  };
  const subject = subjectOf(config, place);
  const made = KINDS[kind]!.make(subject, { systemd });
  writeMade(made, { ...target, answer }, runtime);
  return 0;
}

/** The command line without what corn reads of it, with whole paths: a service has no PATH of a shell's. */
function startOf({ start, args, executable }: Program["runtime"]["self"]) {
  const { command, folder } = start;
  const own = command.slice(1, command.length - args.length);
  const last = own.length - 1;
  return [
    executable,
    ...own.map((word, at) =>
      at === last && !/^\w+:/.test(word) ? resolvePath(folder, word) : word
    ),
  ];
}
