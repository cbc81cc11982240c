import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import type {
  AccessFile,
  AccessSettings,
} from "../../../src/log/access/access-settings.ts";
import type { WorkerMessage } from "../../../src/protocol/messages.ts";
import { loadAccessLog } from "../../../src/worker/observe/access.ts";
import { createHost } from "../../../src/worker/observe/worker-host.ts";
import { exchangeOf } from "../../log/access/exchange.ts";
import type { FakeOutlet } from "../../support/fake/runtime.ts";
import { FakeRuntime, systemError } from "../../support/fake/runtime.ts";

const access = suite("access log of a worker");

const PATH = "/var/log/access.log";

/** A worker's access log of `%(m)s` lines, and what the worker says. */
async function open(
  { served = false, prepare = () => {}, syslog, ...file }:
    & Partial<AccessFile>
    & Pick<AccessSettings, "syslog">
    & { served?: boolean; prepare?(runtime: FakeRuntime): void },
) {
  const runtime = new FakeRuntime();
  prepare(runtime);
  const sent: WorkerMessage[] = [];
  const host = createHost(runtime, {
    waiting: 0,
    send: (message) => sent.push(message as WorkerMessage) > 0,
  });
  const openAccessLog = await loadAccessLog({
    skip: [],
    file: { format: "%(m)s", path: "-", byArbiter: false, ...file },
    ...syslog && { syslog },
  });
  const log = openAccessLog(host, served);
  return {
    runtime,
    log,
    /** A request that has ended. */
    request: () => log.observer?.onEnd(exchangeOf({})),
    texts: (type: "access" | "log") =>
      sent.flatMap((one) => one.type === type ? one.text : []),
  };
}

access("lines for the arbiter's output are on their way with it", async () => {
  const { log, runtime, request, texts } = await open({ byArbiter: true });
  request();
  request();
  assert.equal(texts("access"), [], "they are held back");
  runtime.clock.pass(250);
  assert.equal(texts("access"), ["GET\nGET\n"]);
  request();
  log.close();
  assert.equal(texts("access"), ["GET\nGET\n", "GET\n"]);
  assert.equal(texts("log"), [], "none is lost");
  assert.is(runtime.stdout.text, "");
});

access("lines for standard output are written there", async () => {
  const { log, runtime, request, texts } = await open({});
  request();
  log.close();
  assert.is(runtime.stdout.text, "GET\n");
  assert.equal([texts("access"), texts("log")], [[], []]);
});

access("lines go to the file, and to another after USR1", async () => {
  const { log, runtime, request, texts } = await open({ path: PATH });
  request();
  log.reopen();
  // What was held back is in the old one.
  assert.is(runtime.files.texts.get(PATH), "GET\n");
  runtime.files.texts.set(PATH, "");
  request();
  log.close();
  assert.is(runtime.files.texts.get(PATH), "GET\n");
  assert.equal(runtime.files.opened, [PATH], "the old one is closed");
  assert.equal(texts("log"), []);
});

access("only a file takes many lines in one write", async () => {
  const terminal = "/dev/pts/0";
  const linked = (runtime: FakeRuntime) => {
    runtime.files.links.set(PATH, terminal);
    runtime.files.sockets.add(terminal);
  };
  const unseen = (runtime: FakeRuntime) => {
    runtime.files.links.set(PATH, terminal);
    runtime.files.failures.set(`list ${terminal}`, systemError("EACCES"));
  };
  const writes = async (prepare?: (runtime: FakeRuntime) => void) => {
    const sizes: number[] = [];
    const { log, request } = await open({
      path: PATH,
      prepare(runtime) {
        prepare?.(runtime);
        const { files } = runtime;
        files.openAppend = (path) => {
          if (prepare === undefined) files.texts.set(path, "");
          const write = (bytes: Uint8Array) => sizes.push(bytes.length) > 0;
          return { write, torn: false, abandon: () => 0, close() {} };
        };
      },
    });
    for (let count = 0; count < 1000; count++) request();
    log.close();
    assert.is(sizes.reduce((sum, size) => sum + size, 0), 4000);
    return sizes;
  };
  assert.equal(await writes(), [4000]);
  for (const prepare of [linked, unseen]) {
    const sizes = await writes(prepare);
    // A pipe keeps 4096 bytes together, whatever their characters are.
    assert.ok(Math.max(...sizes) <= 4096 / 3, sizes.join(", "));
  }
});

access("a line goes to the file and to syslog, each as it is to", async () => {
  for (const [format, sent] of [["%(m)s", "GET"], ["%(s)s", "200"]] as const) {
    const { log, runtime, request } = await open({
      path: PATH,
      syslog: {
        ...{ format, facility: "local0", hostname: "host", appName: "corn" },
        target: { kind: "udp", host: "127.0.0.1", port: 514 },
      },
    });
    const [outlet] = runtime.outlets as [FakeOutlet];
    outlet.events.onOpen();
    request();
    log.close();
    await log.end?.(500);
    assert.is(runtime.files.texts.get(PATH), "GET\n");
    assert.equal(outlet.texts().map((text) => text.slice(-6)), [` - ${sent}`]);
    assert.ok(outlet.closed, "nothing is left open");
  }
});

access("the end tells of lines that nobody has taken", async () => {
  const stuck = await open({});
  stuck.runtime.stdout.untaken = 3;
  stuck.log.close();
  assert.equal(stuck.texts("log"), [
    "The access log could not be written: 3 lines are lost",
  ]);
  const told = await open({ byArbiter: true });
  told.runtime.stdout.untaken = 3;
  told.log.close();
  assert.equal(told.texts("log"), [], "that is the arbiter's to say");
});

access("a worker serves without a file that was there before", async () => {
  const call = `openAppend ${PATH}`;
  const absent = (runtime: FakeRuntime) =>
    void runtime.files.failures.set(call, systemError("EACCES"));
  const refused = await open({ path: PATH, prepare: absent })
    .then(() => "", ({ message }) => message);
  assert.match(refused, `Cannot open log file "${PATH}"`);

  const { log, runtime, request, texts } = await open({
    ...{ path: PATH, prepare: absent, served: true },
  });
  assert.match(texts("log")[0] ?? "", /requests are served without it/);
  log.reopen();
  assert.match(texts("log")[1] ?? "", /requests are served without it/);
  request();
  log.close();
  assert.match(texts("log").at(-1) ?? "", /could not be written: 1 line is/);
  const said = texts("log").length;
  runtime.files.failures.delete(call);
  log.reopen();
  request();
  log.close();
  assert.is(runtime.files.texts.get(PATH), "GET\n");
  assert.is(texts("log").length, said);
});

access.run();
