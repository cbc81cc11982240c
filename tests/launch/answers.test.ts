import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { answer } from "../../src/launch/answers.ts";
import type { Answerable } from "../../src/launch/answers.ts";
import { parseArguments } from "../../src/cli/args.ts";
import { environmentLayer } from "../../src/config/sources/environment.ts";
import { objectLayer } from "../../src/config/sources/file.ts";
import { gunicornSettings } from "../../src/config/gunicorn/lookup.ts";
import { wordForFlag } from "../../src/config/gunicorn/elsewhere.ts";
import { CornError, MissingAppError } from "../../src/base/errors.ts";

const answers = suite("answers");

/** What is thrown, with the right word in it. */
function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return answer(error as Answerable).message;
  }
  throw new Error("Cannot take the refusal: nothing was refused");
}

const lines: readonly (readonly [string, string])[] = [
  ["--port 3000 app.ts", 'flag "--port": a port is --bind :3000'],
  ["--port=3000 app.ts", 'flag "--port": a port is --bind :3000'],
  ["-P 3000", 'flag "-P": a port is --bind :3000'],
  ["--host 0.0.0.0", 'flag "--host": an address is --bind 0.0.0.0:3000'],
  ["--watch app.ts", "what reloads when a file of the app changes is --reload"],
  ["-i max app.ts", 'flag "-i": the number of processes is --workers 4'],
  ["--cluster app.ts", "the number of processes is --workers 4"],
  ["--worker-tmp-dir x app.ts", "Gunicorn's worker_tmp_dir is not in corn"],
  ["--wrokers 4", 'flag "--wrokers": no such flag, did you mean --workers?'],
  [
    "start server.js",
    'argument "start": to start is no command of corn.s, .*: corn server',
  ],
  ["mkae systemd", 'argument "mkae": did you mean the command corn make\\?'],
  [
    "completoin bash",
    'argument "completoin": did you mean the command corn compl',
  ],
  ["relaod x", "did you mean the command corn reload"],
  ["a.ts b.ts", 'argument "b.ts": the app is already "a.ts"'],
];
for (const [line, message] of lines) {
  answers(`answer() has the right word for corn ${line}`, () => {
    assert.match(
      refusal(() => parseArguments(line.split(" "))),
      new RegExp(`^Cannot use .*${message}`),
    );
  });
}

answers("answer() has the right word for names in a config file", () => {
  const of = (content: object) =>
    refusal(() => objectLayer(content, "corn.config.ts"));
  assert.is(
    of({ port: 3000 }),
    'Cannot use "port" from corn.config.ts: a port is bind: ":3000"',
  );
  assert.match(of({ hostname: "x" }), 'an address is bind: "0.0.0.0:3000"');
  assert.match(of({ instances: 4 }), "the number of processes is workers: 4");
  assert.match(of({ watch: true }), "is reload: true");
  assert.match(of({ maxMemoryRestart: 1 }), 'is maxWorkerMemory: "512m"');
  assert.match(of({ worker_class: "sync" }), "Gunicorn's worker_class");
});

answers("answer() has the right word for variables", () => {
  const of = (name: string) => refusal(() => environmentLayer({ [name]: "3" }));
  assert.is(
    of("CORN_HOST"),
    "Cannot use CORN_HOST from the environment: an address is CORN_BIND=0.0.0.0:3000",
  );
  assert.match(of("CORN_PORT"), "a port is CORN_BIND=:3000");
  assert.match(of("CORN_WATCH"), "is CORN_RELOAD=1");
  assert.match(of("CORN_WORKER_TMP_DIR"), "Gunicorn's worker_tmp_dir");
  assert.match(of("CORN_WORKER"), "did you mean CORN_WORKERS?");
});

answers("answer() has the right word for a command that is no file", () => {
  const of = (path: string) =>
    answer(new MissingAppError(path, "no such file in /srv")).message;
  assert.is(
    of("help"),
    'Cannot load app "help": no such file in /srv; the command is corn --help',
  );
  assert.match(of("version"), "the command is corn --version");
  assert.match(of("relaod"), "did you mean the command corn reload?");
  assert.match(of("list"), "the command is corn ls");
  assert.match(of("relaod.ts"), /in \/srv$/);
  assert.match(of("constructor"), /in \/srv$/);
  assert.match(of("missing.ts"), /in \/srv$/);
});

answers("wordForFlag() answers no flag that corn or Gunicorn has", () => {
  const words = [
    ..."port host watch instances cluster cwd debug quiet uds".split(" ").map(
      (word) => `--${word}`,
    ),
    ..."cert key-file https tls ssl-cert ssl-key ssl-keyfile ssl-certfile ca"
      .split(" ").map((word) => `--${word}`),
    ..."iPHalq".split("").map((letter) => `-${letter}`),
  ];
  for (const word of words) {
    assert.ok(wordForFlag(word), word);
    assert.not(gunicornSettings.some(([, { flags }]) => flags.includes(word)));
    assert.throws(
      () => parseArguments([word]),
      (error: unknown) => error instanceof CornError,
      word,
    );
  }
  assert.is(wordForFlag("--wat"), undefined);
  assert.is(wordForFlag("-x"), undefined);
});

answers.run();
