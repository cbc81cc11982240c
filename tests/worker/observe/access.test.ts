import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import type { AccessFile } from "../../../src/log/access/access-settings.ts";
import type { WorkerMessage } from "../../../src/protocol/messages.ts";
import { loadAccessLog } from "../../../src/worker/observe/access.ts";
import { createHost } from "../../../src/worker/observe/worker-host.ts";
import { exchangeOf } from "../../log/access/exchange.ts";
import { FakeRuntime, systemError } from "../../support/fake/runtime.ts";

const access = suite("access log of a worker");

const PATH = "/var/log/access.log";

/** A worker's access log of `%(m)s` lines, and what the worker says. */
async function open(
  { served = false, prepare = () => {}, ...file }: Partial<AccessFile> & {
    served?: boolean;
    prepare?(runtime: FakeRuntime): void;
  },
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
  runtime.files.failures.delete(call);
  log.reopen();
  request();
  log.close();
  assert.is(runtime.files.texts.get(PATH), "GET\n");
  assert.is(texts("log").length, 2);
});

access.run();
