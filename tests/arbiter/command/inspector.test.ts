import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import {
  describeInspector,
  freeInspector,
  inspected,
} from "../../../src/arbiter/command/inspector.ts";

const inspector = suite("inspector");

const usual = { host: "127.0.0.1", port: 9229, waits: false };

inspector(
  "freeInspector() takes the first port that no other worker has",
  () => {
    const portOf = (port: number, ...taken: (number | undefined)[]) =>
      freeInspector({ ...usual, port }, taken).port;
    assert.is(portOf(9229, undefined), 9229);
    assert.is(portOf(9229, 9229), 9230);
    assert.is(portOf(9229, 9230, 9229, 9231), 9232);
    assert.is(portOf(9229, 9230), 9229);
    assert.is(portOf(0, 0), 0);
  },
);

inspector("inspected() puts the flag before the program", () => {
  const command = { executable: "/bin/deno", args: ["run", "-A", "mod.ts"] };
  assert.equal(inspected(command, usual).args, [
    "run",
    "-A",
    "--inspect=127.0.0.1:9229",
    "mod.ts",
  ]);
  const waiting = { host: "::1", port: 1, waits: true };
  assert.is(inspected(command, waiting).args[2], "--inspect-brk=[::1]:1");
});

inspector("describeInspector() warns where others may reach it", () => {
  assert.equal(describeInspector(1, 7, usual), {
    level: "info",
    text: "Worker 1 (pid 7) takes a debugger at 127.0.0.1:9229",
  });
  const open = { host: "0.0.0.0", port: 9229, waits: true };
  assert.equal(describeInspector(1, 7, open), {
    level: "warning",
    text:
      "Worker 1 (pid 7) waits for a debugger at 0.0.0.0:9229: whoever reaches that can run code in it",
  });
});

inspector.run();
