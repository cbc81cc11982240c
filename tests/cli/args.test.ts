import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { parseArguments, parseCommandArgs } from "../../src/cli/args.ts";
import { UsageError } from "../../src/base/errors.ts";
import {
  flagOf,
  type SettingName,
  settingNames,
} from "../../src/config/table/settings.ts";

const args = suite("args");

const good: readonly [
  string,
  Record<string, readonly [unknown, string]>,
  string?,
][] = [
  ["", {}],
  ["app.ts", {}, "app.ts"],
  ["-w 4", { workers: ["4", "-w"] }],
  ["-w4", { workers: ["4", "-w"] }],
  ["--workers=4 app.ts", { workers: ["4", "--workers"] }, "app.ts"],
  ["app.ts --workers 4", { workers: ["4", "--workers"] }, "app.ts"],
  ["--workers 3 -w 4", { workers: ["4", "-w"] }],
  ["--keep 4 app.ts", { keepAlive: ["4", "--keep-alive"] }, "app.ts"],
  ["--keep=4", { keepAlive: ["4", "--keep-alive"] }],
  ["--workers -1", { workers: ["-1", "--workers"] }],
  ["--max-requests 5", { maxRequests: ["5", "--max-requests"] }],
  ["--pid=", { pid: ["", "--pid"] }],
  ["--pid=-x", { pid: ["-x", "--pid"] }],
  ["--pid -", { pid: ["-", "--pid"] }],
  ["--pidfile a", { pid: ["a", "--pidfile"] }],
  ["--pi a", { pid: ["a", "--pid"] }],
  ["-b a -b b,c", { bind: [["a", "b,c"], "-b"] }],
  ["-e A=1,2 --env B=--x", { env: [["A=1,2", "B=--x"], "--env"] }],
  ["--reuse-port", { reusePort: [true, "--reuse-port"] }],
  ["--reuse app.ts", { reusePort: [true, "--reuse-port"] }, "app.ts"],
  ["--no-reuse-port", { reusePort: [false, "--no-reuse-port"] }],
  ["--no-reuse --reuse", { reusePort: [true, "--reuse-port"] }],
  ["--reuse-port=off", { reusePort: ["off", "--reuse-port"] }],
  ["-- --app.ts", {}, "--app.ts"],
  ["-w 2 -- app.ts", { workers: ["2", "-w"] }, "app.ts"],
];
for (const [line, expected, app] of good) {
  args(`parseArguments() reads "${line}"`, () => {
    const parsed = parseArguments(line.split(" ").filter(Boolean));
    const values = Object.fromEntries(
      Object.entries(expected).map((
        [name, [value, origin]],
      ) => [name, { value, origin }]),
    );
    assert.equal(parsed.values, values);
    assert.is(parsed.app, app);
  });
}

for (
  const [line, help, version] of [
    ["-h", true, false],
    ["--help app.ts", true, false],
    ["-v", false, true],
    ["--vers", false, true],
    ["-hv", true, true],
  ] as const
) {
  args(`parseArguments() sees ${line}`, () => {
    const parsed = parseArguments(line.split(" "));
    assert.is(parsed.help, help);
    assert.is(parsed.version, version);
  });
}

const bad: readonly [string, string][] = [
  [
    "--wrokers 4",
    'Cannot use flag "--wrokers": no such flag, did you mean --workers?',
  ],
  [
    "--wrokers=4",
    'Cannot use flag "--wrokers": no such flag, did you mean --workers?',
  ],
  [
    "--graceful_timeout 4",
    'Cannot use flag "--graceful_timeout": no such flag, did you mean --graceful-timeout?',
  ],
  [
    "--no-reuse-prot",
    'Cannot use flag "--no-reuse-prot": no such flag, did you mean --no-reuse-port?',
  ],
  [
    "--no-workers",
    'Cannot use flag "--no-workers": no such flag, did you mean --workers?',
  ],
  ["--spew", 'Cannot use flag "--spew": no such flag'],
  ["-x", 'Cannot use flag "-x": no such flag'],
  [
    "--max-re 5",
    'Cannot use flag "--max-re": it may mean --max-requests or --max-requests-jitter',
  ],
  [
    "--c x",
    'Cannot use flag "--c": it may mean --certfile, --ca-certs, --cert-reqs, --ciphers, --canary, --canary-thin, --conditions, --chdir, --compile-cache, --capture-output, --control, --control-mode, --control-owner, --config or --check-config',
  ],
  ["--workers", 'Cannot use flag "--workers": it needs a value'],
  ["app.ts -w", 'Cannot use flag "-w": it needs a value'],
  [
    "--workers --pid x",
    'Cannot use flag "--workers": it needs a value, write --workers=VALUE for one that begins with a dash',
  ],
  [
    "--workers -- app.ts",
    'Cannot use flag "--workers": it needs a value, write --workers=VALUE for one that begins with a dash',
  ],
  [
    "--http",
    'Cannot use flag "--http": it needs a value: auto, native or wire',
  ],
  [
    "--proxy-protocol -w 2",
    'Cannot use flag "--proxy-protocol": it needs a value: off, v1, v2 or auto',
  ],
  [
    "app.ts 3000",
    'Cannot use argument 3000: the app is already "app.ts", a port is --bind :3000',
  ],
  ["--help=1", 'Cannot use flag "--help=1": it takes no value'],
  [
    "--no-reuse-port=1",
    'Cannot use flag "--no-reuse-port=1": it takes no value',
  ],
  ["a.ts b.ts c.ts", 'Cannot use argument "b.ts": the app is already "a.ts"'],
];
for (const [line, message] of bad) {
  args(`parseArguments() refuses "${line}"`, () => {
    assert.throws(
      () => parseArguments(line.split(" ")),
      (error: unknown) => {
        assert.instance(error, UsageError);
        assert.is((error as Error).message, message);
        return true;
      },
    );
  });
}

/** Those whose flags add up. */
const LISTS = [
  ...["--bind", "--sni", "--worker-args", "--import", "--require"],
  ...["--conditions", "--env-file", "--static", "--env", "--access-log-skip"],
  ...["--metrics-buckets", "--allow-listen", "--forwarded-allow-ips"],
  ...["--forwarded-headers", "--secure-scheme-headers"],
  ...["--proxy-allow-from", "--reload-extra-file"],
];

args("parseArguments() adds up what lists are given, and nothing else", () => {
  const addUp = settingNames.map((name) => flagOf(name)).filter((flag, at) => {
    const { values } = parseArguments([`${flag}=a`, `${flag}=b`]);
    const value = values[settingNames[at] as SettingName]?.value;
    return Array.isArray(value) && String(value) === "a,b";
  });
  assert.equal(addUp.sort(), [...LISTS].sort());
});

args("parseArguments() tells of all that it refuses, bad values too", () => {
  const line = "--wat 4 -k gevent -w 0 --reload=x --bind --pid a b c -w";
  assert.throws(
    () => parseArguments(line.split(" ")),
    (error: unknown) => {
      assert.instance(error, UsageError);
      const { message, parts } = error as UsageError;
      assert.equal(message.split("\n"), parts.map((part) => part.message));
      assert.equal(parts.map((part) => part.message.slice(0, 28)), [
        'Cannot use flag "--wat": no ',
        'Cannot use flag "--bind": it',
        'Cannot use flag "-w": it nee',
        "Cannot use workers 0 from -w",
        'Cannot use workerClass "geve',
        'Cannot use reload "x" from -',
      ]);
      return true;
    },
  );
});

args("parseCommandArgs() splits the variable and names it in failures", () => {
  const parsed = parseCommandArgs(`-w 2 -e "A=b c" 'app.ts:make({"a": 1})'`);
  assert.equal(parsed.values.env?.value, ["A=b c"]);
  assert.is(parsed.app, 'app.ts:make({"a": 1})');
  assert.throws(
    () => parseCommandArgs("--wat"),
    /^.*Cannot use flag "--wat" from CORN_CMD_ARGS: no such flag$/,
  );
  assert.equal(parseCommandArgs(undefined).values, {});
});

args.run();
