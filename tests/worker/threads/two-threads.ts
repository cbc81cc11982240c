/** A worker of two threads, as its tests have it. */
import type {
  BeatMessage,
  FiguresMessage,
  LogMessage,
} from "../../../src/protocol/messages.ts";
import { Threads } from "../../../src/worker/threads/threads.ts";
import { createHost } from "../../../src/worker/observe/worker-host.ts";
import { FakeLink, FakeRuntime } from "../../support/fake/runtime.ts";
import type { FakeThread } from "../../support/fake/runtime.ts";
import { bootOf } from "../boot.ts";

export const FIGURES: FiguresMessage = {
  type: "figures",
  requests: 0,
  open: 0,
  queued: 0,
  cpuMs: 0,
  rss: 0,
  heapUsed: 0,
  lagMs: 0,
  ended: [],
};

export const READY = {
  type: "ready",
  engine: "fake",
  addresses: [{ kind: "tcp", host: "127.0.0.1", port: 8000 }],
} as const;

export function beat(
  busy: boolean,
  counts: Partial<BeatMessage> = {},
): BeatMessage {
  return { type: "beat", requests: 0, open: 0, busy, ...counts };
}

/** A worker of two threads, each of which has said hello. */
export async function start(
  boot: Parameters<typeof bootOf>[0] = {},
  /** That each thread takes to start. */
  startMs = 0,
) {
  const runtime = new FakeRuntime();
  runtime.onStartThread = () => runtime.clock.pass(startMs);
  const link = new FakeLink();
  const message = bootOf({
    ...boot,
    plan: {
      ...boot.plan,
      workerClass: { name: "thread", threads: 2 },
      life: { silenceMs: 5000, gracefulMs: 10_000, ...boot.plan?.life },
    },
  });
  const worker = new Threads(
    message,
    createHost(runtime, link),
    "file:///corn/thread.ts",
  );
  await worker.begin();
  const [one, two] = runtime.threads as [FakeThread, FakeThread];
  const tell = (thread: FakeThread, ...messages: object[]) => {
    for (const said of messages) thread.options.onMessage(said);
  };
  const hello = { type: "hello", runtime: "node", version: "24.0.0" };
  for (const thread of [one, two]) tell(thread, hello);
  return { runtime, link, worker, one, two, tell };
}

/** The same once both are ready. */
export async function serve(boot: Parameters<typeof bootOf>[0] = {}) {
  const started = await start(boot);
  const { one, two, tell, link } = started;
  tell(one, READY);
  tell(two, READY);
  link.sent.length = 0;
  return started;
}

/** What was logged. */
export function lines(link: FakeLink): LogMessage[] {
  return link.of<LogMessage>("log");
}
