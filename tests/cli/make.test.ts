import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { UsageError } from "../../src/base/errors.ts";
import { completionWords, runCompletion } from "../../src/cli/completion.ts";
import { readMakeOrder, runMake } from "../../src/cli/make.ts";
import type { Program } from "../../src/launch/sources.ts";
import { FakeRuntime } from "../support/fake/runtime.ts";

const make = suite("make");

make("readMakeOrder() parts its own flags from those of the config", () => {
  const plain = { folder: undefined, systemd: undefined, force: false };
  assert.equal(readMakeOrder(["nginx"]), {
    ...plain,
    kind: "nginx",
    given: [],
  });
  const given = ["app.ts", "-w", "3", "--worker-args", "--expose-gc"];
  const words = [...given.slice(0, 2), "-o", "out", ...given.slice(2)];
  assert.equal(
    readMakeOrder(["systemd", "--force", ...words, "--systemd=255"]),
    { kind: "systemd", folder: "out", systemd: 255, force: true, given },
  );
  for (const form of [["-oout"], ["--output", "out"], ["--output=out"]]) {
    assert.is(readMakeOrder(["k8s", ...form]).folder, "out");
  }
});

const REFUSED: readonly (readonly [readonly string[], RegExp])[] = [
  [[], /^Cannot make nothing: give systemd, nginx, .* or grafana$/],
  [["ngnix"], /^Cannot make "ngnix": give .*, did you mean nginx\?$/],
  [["--force"], /^Cannot make nothing/],
  [["toString"], /^Cannot make "toString"/],
  [["nginx", "-o"], /^Cannot use flag "-o": it needs a value$/],
  [["systemd", "--systemd", "new"], /^Cannot use --systemd "new"/],
];

make("readMakeOrder() names what it cannot use", () => {
  for (const [words, message] of REFUSED) {
    assert.throws(
      () => readMakeOrder(words),
      (error: Error) =>
        error instanceof UsageError && message.test(error.message),
    );
  }
});

make(
  "--help tells what can be made and completed, whatever else stands there",
  async () => {
    const runtime = new FakeRuntime();
    const program = { runtime } as unknown as Program;
    assert.is(await runMake(["nothing", "--help"], program), 0);
    assert.match(
      runtime.stdout.text,
      /^corn make KIND[^]*\n {2}nginx {7}a site/,
    );
    runtime.stdout.text = "";
    assert.is(await runCompletion(["-h"], runtime), 0);
    assert.match(
      runtime.stdout.text,
      /^corn completion bash\|zsh\|fish \[--json\]\n/,
    );
  },
);

make("flags are completed with files where they take files", () => {
  const { flags } = completionWords();
  const valueOf = (name: string) =>
    flags.find((flag) => flag.name === name)?.value;
  assert.is(valueOf("--pid"), "file");
  assert.is(valueOf("--reload-extra-file"), "file");
  assert.is(valueOf("--workers"), "any");
  assert.is(valueOf("--reload"), "none");
  assert.equal(valueOf("--worker-class"), ["async", "sync", "thread"]);
});

make("--json prints JSON and nothing else, what is refused too", async () => {
  const runtime = new FakeRuntime();
  const program = { runtime } as unknown as Program;
  const told = () => {
    const value = JSON.parse(runtime.stdout.text);
    runtime.stdout.text = "";
    return value;
  };
  assert.is(await runCompletion(["--json", "fish"], runtime), 0);
  const { shell, text } = told();
  assert.is(shell, "fish");
  assert.match(text, /complete -c corn/);
  await runMake(["--help", "--json"], program);
  assert.match(told().kinds.nginx, /a site/);
  const refused = await runMake(["ngnix", "--json"], program).catch(String);
  assert.match(String(refused), /did you mean nginx\?$/);
  assert.equal(told().error.code, "usage");
  await runCompletion(["csh", "--json"], runtime).catch(() => {});
  assert.match(told().error.message, /^Cannot complete for "csh"/);
});

make("completionWords() knows flags, kinds and shells", () => {
  const { flags, arguments: given } = completionWords();
  const http = flags.find(({ name }) => name === "--http");
  assert.equal(http?.value, ["auto", "native", "wire"]);
  assert.is(flags.find(({ name }) => name === "--pid")?.value, "file");
  assert.is(flags.find(({ name }) => name === "--workers")?.short, "w");
  assert.is(flags.find(({ name }) => name === "--no-control")?.value, "none");
  assert.ok(given.make?.some(({ name }) => name === "k8s"));
  assert.ok(given.completion?.some(({ name }) => name === "fish"));
  const meaningOf = (flag: string) =>
    flags.find(({ name }) => name === `--${flag}`)?.meaning;
  assert.equal(["help", "version", "no-control"].map(meaningOf), [
    "Print all flags and exit",
    "Print the version and exit",
    "Take control back",
  ]);
});

make.run();
