import { readOrder } from "../../../src/control/commands/options.ts";
import { isCommand } from "../../../src/control/commands/words.ts";
import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";

const words = suite("words");

words("isCommand() looks at the first word", () => {
  const yes = [
    "status",
    "-s /run/a.sock reload",
    "-p reload status",
    "--pid 7 --json stop",
    "--pid=7 stop",
    "logs -f",
  ];
  const no = [
    "",
    "app.ts",
    "./reload",
    "app.ts reload",
    "-p status app.ts",
    "-w 2 status",
    "--bind=:80 status",
    "constructor",
    "-p",
  ];
  const judge = (line: string) => isCommand(line.split(" ").filter(Boolean));
  assert.equal(yes.filter((line) => !judge(line)), []);
  assert.equal(no.filter(judge), []);
});

words("readOrder() reads what a recording takes", () => {
  const { command, words, seconds, output } = readOrder(
    "profile 2 --seconds 0.5 -o a.cpuprofile".split(" "),
  );
  assert.equal([command, words, seconds, output], [
    "profile",
    ["2"],
    0.5,
    "a.cpuprofile",
  ]);
  for (
    const line of [
      "stack",
      "heap x",
      "profile 1 --seconds x",
      "profile 1 --thread 0",
      "stack 1 --thread 1",
      "heap 1 --seconds 1",
    ]
  ) assert.throws(() => readOrder(line.split(" ")), /Cannot use/);
});

words("readOrder() reads flags wherever they stand", () => {
  const order = readOrder([
    "-s",
    "/a",
    "scale",
    "-2",
    "--timeout=1m",
    "--json",
  ]);
  assert.equal(
    [order.command, order.words, order.socket, order.timeoutMs, order.json],
    ["scale", ["-2"], "/a", 60_000, true],
  );
  for (const flag of [["--control", "/a"], ["--control=/a"]]) {
    assert.is(readOrder(["status", ...flag]).socket, "/a", "as corn takes it");
  }
  assert.throws(
    () => readOrder(["scale", "2", "--pid", "1", "-s", "/a"]),
    /--socket and --pid together/,
  );
  assert.is(readOrder(["reload", "--canary", "1m"]).canary, 60);
  assert.throws(
    () => readOrder(["stop", "--canary", "30s"]),
    /Cannot use flag "--canary" with stop: it is for reload/,
  );
  assert.is(readOrder(["dashboard", "--port", "65535"]).port, 65_535);
  assert.throws(() => readOrder(["dashboard", "--port", "65536"]), /port/);
  assert.throws(() => readOrder(["logs", "--level", "loud"]), /give one of/);
  assert.throws(() => readOrder(["stop", "--timeout", "soon"]), /seconds/);
  assert.throws(() => readOrder(["stop", "--timeout"]), /needs a value/);
  assert.throws(() => readOrder(["ls", "--json=1"]), /takes no value/);
});

words("readOrder() lets --help stand alone", () => {
  assert.ok(readOrder(["stack", "--help"]).help);
  assert.throws(() => readOrder(["stack"]), /corn stack W/);
});

words(
  "readOrder() says how an app is named that is called as a command",
  () => {
    for (const words of ["app.ts", "x app.ts", "app.ts x", "../app"]) {
      assert.throws(
        () => readOrder(["reload", ...words.split(" ")]),
        /corn reload \[--canary SECONDS\]; an app called so is \.\/reload$/,
        words,
      );
    }
    assert.throws(
      () => readOrder(["reload", "x"]),
      /it is corn reload \[--canary SECONDS\]$/,
    );
  },
);

words.run();
