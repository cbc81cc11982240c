import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import {
  decideStartAs,
  startOptions,
} from "../../../src/arbiter/command/start-as.ts";

const startAs = suite("start as");

const command = { executable: "/bin/deno", args: ["run", "mod.ts"] };
const files = (setpriv: boolean) => ({
  kind: () => setpriv ? "file" as const : undefined,
});

startAs("startOptions() leaves a worker without a user alone", () => {
  const none = decideStartAs(undefined, files(true));
  assert.is(startOptions(none, command), command);
});

startAs("startOptions() names user and group for the spawn", () => {
  const identity = { uid: 33, gid: 44, groups: [44] };
  const by = decideStartAs(identity, files(false));
  assert.equal(startOptions(by, command), {
    ...command,
    identity: { uid: 33, gid: 44 },
  });
});

startAs("startOptions() has setpriv(1) give more groups", () => {
  const identity = { uid: 33, gid: 44, groups: [44, 100] };
  const by = decideStartAs(identity, files(true));
  assert.equal(startOptions(by, command), {
    executable: "/usr/bin/setpriv",
    args: ["--reuid=33", "--regid=44", "--groups=44,100", "--"].concat(
      ["/bin/deno", "run", "mod.ts"],
    ),
  });
});

startAs("decideStartAs() leaves more groups to the worker elsewhere", () => {
  const identity = { uid: undefined, gid: 44, groups: [44, 100] };
  const by = decideStartAs(identity, files(false));
  assert.equal(by, { by: "worker", identity });
  assert.is(startOptions(by, command), command);
});

startAs.run();
