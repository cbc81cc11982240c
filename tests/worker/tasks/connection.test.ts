import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";
import { KINDS } from "../../../src/tasks/frame.ts";
import { TaskConnection } from "../../../src/worker/tasks/connection.ts";
import type { Channel } from "../../../src/runtime/transport.ts";

const connection = suite("TaskConnection");

connection(
  "waits for its caller where a task has replaced Promise",
  async () => {
    const channel = { write: () => false } as unknown as Channel;
    const call = new TaskConnection(channel, { onFrame() {}, onClose() {} });
    const { Promise: own } = globalThis;
    // As bluebird's, which has no withResolvers().
    globalThis.Promise = class Bluebird {} as unknown as PromiseConstructor;
    let drained: Promise<void> | undefined;
    try {
      drained = call.send(KINDS.end, undefined);
    } finally {
      globalThis.Promise = own;
    }
    call.onDrain();
    assert.is(await drained, undefined);
  },
);

connection.run();
