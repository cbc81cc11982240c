import type { Logger } from "../../src/log/error/logger.ts";
import { load } from "../config/support.ts";
import { parseArguments } from "../../src/cli/args.ts";
import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import {
  startText,
  warnOfIgnored,
  warnOfOwner,
  warnOfReady,
} from "../../src/launch/notices.ts";
import { FakeRuntime } from "../support/fake/runtime.ts";

const notices = suite("notices");
const FILE = "/srv/app/corn.config.ts";

/** What is said of a file that is so, or of a folder. */
function saidOf(
  path: string,
  { uid = 0, gid = 0, mode = 0o644, self = 0 },
): string {
  const runtime = new FakeRuntime();
  Object.assign(runtime.self, { uid: self });
  const { files } = runtime;
  files.texts.set(FILE, "");
  files.owners.set(path, { uid, gid });
  files.modes.set(path, mode);
  let said = "";
  warnOfOwner({ file: FILE }, runtime, { warning: (text) => said = text });
  return said;
}

notices("startText() tells how many workers there are, and may be", () => {
  const text = (workers: number, most: number, runtime = "node") =>
    startText(
      {
        ...{ workers, most },
        release: { runtime, app: { text: "app.ts" } },
      } as Parameters<typeof startText>[0],
      new FakeRuntime(),
    )
      .replace(/^corn \S+ on node 24\.0\.0 /, "");
  assert.is(text(1, 1), "starts 1 worker for app.ts");
  assert.is(text(2, 8), "starts 2 workers (up to 8) for app.ts");
  assert.is(text(2, 2, "bun"), "starts 2 workers on bun for app.ts");
});

notices("warnOfIgnored() names what does nothing alone", async () => {
  const said = async (...flags: string[]) => {
    const config = await load({ flags: parseArguments(flags) });
    const lines: string[] = [];
    const log = { warning: (line: string) => void lines.push(line) };
    warnOfIgnored(config, log as unknown as Logger);
    return lines;
  };
  assert.equal(
    await said(
      ...["--log-syslog-to", "udp://host", "--enable-backlog-metric"],
      ...["--shrink-after", "5", "-w", "2"],
    ),
    [
      "logSyslogTo from --log-syslog-to ignored: logSyslog is off",
      "enableBacklogMetric from --enable-backlog-metric ignored: there is no statsdHost",
      "shrinkAfter from --shrink-after ignored: workers is no range",
    ],
  );
  assert.equal(
    await said(
      ...["--log-syslog", "--log-syslog-to", "udp://host"],
      ...["--enable-backlog-metric", "--statsd-host", "localhost:8125"],
      ...["--shrink-after", "5", "-w", "2..8"],
    ),
    [],
  );
  assert.equal(await said("--statsd-host", "localhost:8125", "-w", "2"), []);
});

notices("warnOfReady() warns where /ready can never say so", async () => {
  const said = async (...flags: string[]) => {
    const config = await load({ flags: parseArguments(flags) });
    let text = "";
    warnOfReady(config, { warning: (one) => text = one });
    return text;
  };
  assert.is(
    await said("--ready-workers", "3", "-w", "2"),
    "readyWorkers 3 from --ready-workers: /ready says 503 as long as there are at most 2 workers, by -w",
  );
  assert.match(await said("--ready-workers", "9", "-w", "2..8"), "8 workers");
  for (const workers of ["3", "2..3", "2..auto", "auto"]) {
    assert.is(await said("--ready-workers", "3", "-w", workers), "");
  }
});

notices("warnOfOwner() warns root of a file that others may change", () => {
  assert.is(saidOf(FILE, {}), "");
  assert.is(saidOf(FILE, { mode: 0o664 }), "", "root's group");
  assert.is(saidOf(FILE, { gid: 5 }), "", "a group may read it");
  assert.is(
    saidOf(FILE, { uid: 1000 }),
    `Config file ${FILE} is run as root, and it is user 1000's: give it to root, and to nobody else to write`,
  );
  assert.is(saidOf(FILE, { uid: 1000, self: 1000 }), "", "its own user");
  assert.match(saidOf(FILE, { mode: 0o646 }), "it is everybody's to write");
  assert.match(
    saidOf(FILE, { gid: 5, mode: 0o664 }),
    "it is group 5's to write",
  );
  assert.match(
    saidOf("/srv/app", { uid: 1000 }),
    "the folder of it is user 1000's",
  );
  assert.is(saidOf("/srv/app", { mode: 0o1777 }), "", "as /tmp");
});

notices("warnOfOwner() has nothing to say where there is no file", () => {
  const warnings: string[] = [];
  warnOfOwner({ file: undefined }, new FakeRuntime(), {
    warning: (text) => warnings.push(text),
  });
  assert.equal(warnings, []);
});

notices.run();
