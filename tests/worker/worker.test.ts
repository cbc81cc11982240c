import { suite } from "../support/suite.ts";
import { VERSION } from "../../src/base/version.ts";
import * as assert from "../support/assert.ts";
import type {
  FailedMessage,
  FiguresMessage,
  LogMessage,
} from "../../src/protocol/messages.ts";
import { runWorker } from "../../src/worker/process.ts";
import type { WorkerPart } from "../../src/worker/process.ts";
import {
  FakeLink,
  FakeRuntime,
  settle,
  systemError,
} from "../support/fake/runtime.ts";
import { FakeServer } from "../support/fake/server.ts";
import type { FakeEngine } from "../support/fake/runtime.ts";
import { until } from "../support/wait.ts";
import { bootOf } from "./boot.ts";
import type { TlsMaterial } from "../../src/runtime/tls.ts";

const worker = suite("worker");

const URL = "file:///srv/app.ts";

const noThreads = () => Promise.reject(new Error("none is asked for"));

function run() {
  const runtime = new FakeRuntime();
  const link = new FakeLink();
  runtime.link = link;
  runtime.env.CORN_WORKER_ID = "1";
  runWorker(runtime, noThreads);
  return { runtime, link };
}

/** A worker that serves an app. */
async function serve(
  app: unknown = () => new Response("x"),
  boot: Parameters<typeof bootOf>[0] = {},
) {
  const { runtime, link } = run();
  runtime.modules.set(URL, { default: app });
  link.receive(bootOf(boot));
  await settle();
  const engine = runtime.engines[0] as FakeEngine;
  const ask = (path = "/") =>
    engine.options.handler.fetch(
      new Request(`http://localhost${path}`),
      undefined,
    );
  return { runtime, link, engine, ask };
}

function materialOf(cert: string): TlsMaterial {
  return {
    ...{ cert, key: "key", names: [], ca: undefined },
    ...{ clientCertificates: "none", minVersion: "1.2" },
  } as unknown as TlsMaterial;
}

function types(link: FakeLink): string[] {
  return link.sent.map(({ type }) => type);
}

worker("runWorker() says hello and leaves the app its number", () => {
  const { runtime, link } = run();
  assert.equal(link.sent, [
    { type: "hello", runtime: "node", version: "24.0.0", corn: VERSION },
  ]);
  assert.is(runtime.env.CORN_WORKER_ID, "1");
});

worker("runWorker() without an arbiter exits with 3", () => {
  const runtime = new FakeRuntime();
  runWorker(runtime, noThreads);
  assert.equal(runtime.exits, [3]);
  assert.match(runtime.stderr.text, "there is no channel to an arbiter");
});

worker(
  "threads get what came before they were there, and all after it",
  async () => {
    const runtime = new FakeRuntime();
    const link = runtime.link = new FakeLink();
    const received: unknown[] = [];
    const started = Promise.withResolvers<WorkerPart>();
    runWorker(runtime, () => started.promise);
    link.receive(
      bootOf({ plan: { workerClass: { name: "thread", threads: 2 } } }),
    );
    link.receive({ type: "open", queue: 1 });
    assert.equal(received, []);
    const nothing = () => {};
    started.resolve({
      receive: (message) => void received.push(message),
      ...{ quit: nothing, reopen: nothing, onTerm: nothing },
      ...{ drain: nothing, uncaught: nothing },
    });
    await settle();
    link.receive({ type: "drain" });
    assert.equal(received, [{ type: "open", queue: 1 }, { type: "drain" }]);
  },
);

worker("threads that cannot be loaded fail the start, as said", async () => {
  const runtime = new FakeRuntime();
  const link = runtime.link = new FakeLink();
  runWorker(runtime, () => Promise.reject(new Error("corn is gone")));
  link.receive(
    bootOf({ plan: { workerClass: { name: "thread", threads: 2 } } }),
  );
  await settle();
  const [failed] = link.of<FailedMessage>("failed");
  assert.match(failed?.stack ?? "", "corn is gone");
  assert.equal(runtime.exits, [4]);
});

worker(
  "signals that mean something to the arbiter mean nothing here",
  async () => {
    const { runtime, link } = await serve();
    const { length } = link.sent;
    for (
      const signal of [
        ...["SIGHUP", "SIGINT", "SIGUSR2", "SIGTTIN", "SIGTTOU", "SIGWINCH"],
      ] as const
    ) {
      runtime.signal(signal);
    }
    await settle();
    assert.equal([runtime.exits, link.sent.length], [[], length]);
  },
);

worker(
  "USR1 opens log files anew, and so does the arbiter's word",
  async () => {
    const file = {
      path: "/var/log/access.log",
      format: "%(m)s",
      byArbiter: false,
    };
    const { runtime, link, ask } = await serve(
      undefined,
      {
        plan: { logs: { access: { file, skip: [] } } },
      } as Parameters<typeof bootOf>[0],
    );
    await until("it serves", () => link.of("ready").length > 0);
    const { files } = runtime;
    for (
      const reopen of [
        () => runtime.signal("SIGUSR1"),
        () => link.receive({ type: "reopen" }),
      ]
    ) {
      files.rename(file.path, `${file.path}.1`);
      reopen();
      assert.is(files.texts.get(file.path), "");
    }
    assert.ok(ask);
  },
);

worker("boot loads the app, opens its queue and is ready", async () => {
  const { link, engine } = await serve();
  assert.equal(link.sent.at(-1), {
    type: "ready",
    engine: "fake",
    addresses: [{ kind: "tcp", host: "127.0.0.1", port: 8000 }],
  });
  assert.equal(engine.opened, [{
    kind: "descriptor",
    descriptor: 4,
    address: { kind: "tcp", host: "127.0.0.1", port: 8000 },
  }]);
  assert.is(engine.options.keepAliveMs, 5000);
});

const A = { kind: "tcp", host: "a", port: 1 } as const;
const B = { kind: "unix", path: "/b" } as const;
const LISTENERS = [
  { address: A, descriptors: [4, 5, 6] },
  { address: B, descriptors: [7] },
];

function descriptors(engine: FakeEngine): unknown[] {
  return engine.opened.map((source) =>
    source.kind === "descriptor" ? source.descriptor : source.address
  );
}

worker("boot opens the slot's queue of every address", async () => {
  const { engine } = await serve(undefined, { listeners: LISTENERS, queue: 2 });
  assert.equal(descriptors(engine), [6, 7]);
});

worker("open takes one more queue, and none twice", async () => {
  const { engine, link } = await serve(undefined, {
    listeners: LISTENERS,
    queue: 2,
  });
  link.receive({ type: "open", queue: 0 });
  link.receive({ type: "open", queue: 0 });
  await settle();
  assert.equal(descriptors(engine), [6, 7, 4]);
});

worker("a queue that cannot be opened is tried again", async () => {
  const { engine, link, runtime } = await serve(undefined, {
    listeners: LISTENERS,
    queue: 2,
  });
  const before = descriptors(engine);
  engine.failing = 2;
  link.receive({ type: "open", queue: 0 });
  await settle();
  runtime.clock.pass(250);
  await settle();
  assert.equal(descriptors(engine), before);
  assert.equal(runtime.exits, []);
  runtime.clock.pass(250);
  await settle();
  assert.equal(descriptors(engine), [...before, 4]);

  engine.failing = 1;
  link.receive({ type: "open", queue: 1 });
  await settle();
  link.receive({ type: "release", queue: 1 });
  runtime.clock.pass(1000);
  await settle();
  assert.equal(descriptors(engine), [...before, 4], "it is left by then");
});

worker("release leaves a queue, and open takes it again", async () => {
  const { engine, link } = await serve(undefined, {
    listeners: LISTENERS,
    queue: 2,
  });
  link.receive({ type: "open", queue: 0 });
  link.receive({ type: "release", queue: 0 });
  assert.equal(engine.released, [4], "7 is its own queue's socket as well");
  link.receive({ type: "release", queue: 0 });
  link.receive({ type: "release", queue: 1 });
  assert.equal(engine.released, [4]);
  link.receive({ type: "open", queue: 0 });
  await settle();
  assert.equal(descriptors(engine), [6, 7, 4, 4]);
});

worker("release goes on where the engine cannot", async () => {
  const { engine, link } = await serve(undefined, {
    listeners: LISTENERS,
    queue: 2,
  });
  engine.releases = false;
  link.receive({ type: "open", queue: 0 });
  link.receive({ type: "release", queue: 0 });
  link.receive({ type: "open", queue: 0 });
  await settle();
  assert.equal(descriptors(engine), [6, 7, 4]);
});

worker(
  "boot binds the addresses where the runtime takes no descriptor",
  async () => {
    const { runtime, link } = run();
    runtime.holdsListeners = false;
    runtime.modules.set(URL, { default: () => {} });
    link.receive(bootOf({ listeners: LISTENERS }));
    await settle();
    assert.equal(descriptors(runtime.engines[0] as FakeEngine), [A, B]);
  },
);

worker("boot for --check-config loads the app, and exits with 0", async () => {
  const { runtime, link } = await serve(undefined, { check: true });
  assert.equal(runtime.exits, [0]);
  assert.not(types(link).includes("failed"));
});

worker(
  "requests are measured where the plan says so, and told at the end",
  async () => {
    const { link, runtime } = await serve(undefined, {
      plan: { telemetry: { requests: { bucketsMs: [10] } } },
    });
    await until("ready", () => types(link).includes("ready"));
    const engine = runtime.engines[0] as FakeEngine;
    const { handler } = engine.options;
    engine.drained.resolve();
    for (let n = 0; n < 2; n++) {
      await handler.fetch(new Request("http://localhost/"), undefined);
    }
    link.receive({ type: "drain" });
    await until("its end", () => runtime.exits.length > 0);
    assert.equal(runtime.exits, [0]);
    assert.equal(link.of<FiguresMessage>("figures").map(({ ended }) => ended), [
      [
        { method: "GET", status: 200, sumMs: 0, counts: [2, 0] },
      ],
    ]);
  },
);

worker("figures are told once they are asked for", async () => {
  const { link, ask, runtime } = await serve();
  await ask();
  runtime.clock.pass(5000);
  assert.not(types(link).includes("figures"));
  link.receive({ type: "figure", everyMs: 1000 });
  await ask();
  runtime.clock.pass(1000);
  assert.equal(
    link.of<FiguresMessage>("figures").map((one) => [one.requests, one.ended]),
    [[1, []], [2, []]],
  );
});

worker("an app that cannot be loaded exits with 4 and says why", async () => {
  const { runtime, link } = run();
  runtime.modules.set(URL, new SyntaxError("Unexpected token"));
  link.receive(bootOf());
  // What explains it is loaded only then.
  await until("its end", () => runtime.exits.length > 0);
  assert.equal(runtime.exits, [4]);
  const [failed] = link.of<FailedMessage>("failed");
  assert.is(failed?.kind, "app");
  assert.is(failed?.message, 'Cannot load app "app.ts"');
  assert.match(failed?.stack ?? "", "SyntaxError: Unexpected token");
});

worker("an app that is none exits with 4, without a stack", async () => {
  const { runtime, link } = await serve(7);
  assert.equal(runtime.exits, [], "it may listen yet");
  runtime.farewell.idle();
  await settle();
  assert.equal(runtime.exits, [4]);
  assert.is(link.of<FailedMessage>("failed")[0]?.stack, "");
});

worker("a socket that cannot be opened exits with 3", async () => {
  const { runtime, link } = run();
  runtime.modules.set(URL, { default: () => {} });
  const make = runtime.engine.bind(runtime);
  runtime.engine = async (options) => {
    const engine = await make(options);
    engine.open = () => Promise.reject(systemError("EADDRINUSE"));
    return engine;
  };
  link.receive(bootOf());
  await settle();
  assert.equal(runtime.exits, [3]);
  assert.is(link.of<FailedMessage>("failed")[0]?.kind, "boot");
});

worker("an error that nothing caught while booting exits with 4", () => {
  const { runtime, link } = run();
  runtime.uncaught(new Error("at load"));
  assert.equal(runtime.exits, [4]);
  const [failed] = link.of<FailedMessage>("failed");
  assert.match(failed?.stack ?? "", "Error: at load");
});

worker("an error that nothing caught asks for a replacement", async () => {
  const { runtime, link } = await serve();
  runtime.uncaught(new Error("later"));
  runtime.uncaught(new Error("again"));
  assert.equal(runtime.exits, []);
  assert.equal(types(link).slice(-3), ["log", "recycle", "log"]);
  const [line] = link.of<LogMessage>("log");
  assert.match(line?.text ?? "", /^Uncaught error\nError: later/);
  assert.equal(link.sent.find(({ type }) => type === "recycle"), {
    type: "recycle",
    kind: "error",
    reason: "an uncaught error",
    failure: true,
  });
});

for (
  const [runtimeName, message] of [
    ["Node and Bun", "Invalid state: Controller is already closed"],
    ["Deno", "The stream controller cannot close or enqueue"],
  ]
) {
  worker(
    `a stream that was left costs no worker on ${runtimeName}`,
    async () => {
      const { runtime, link } = await serve();
      const late = new TypeError(message);
      for (let count = 0; count < 20; count++) runtime.uncaught(late);
      assert.not(types(link).includes("recycle"));
      const lines = link.of<LogMessage>("log");
      assert.is(lines.length, 5);
      assert.is(lines[0]?.level, "warning");
      assert.match(
        lines[0]?.text ?? "",
        /^The app goes on with a stream that has ended, .*\n.*worker\.test\.ts/,
      );
    },
  );
}

worker("an error of another kind is no stream that was left", async () => {
  const { runtime, link } = await serve();
  runtime.uncaught(new Error("Invalid state: Controller is already closed"));
  assert.ok(types(link).includes("recycle"));
});

worker("a client that breaks a WebSocket costs no worker", async () => {
  const { runtime, link } = await serve();
  const code = "WS_ERR_EXPECTED_MASK";
  runtime.uncaught(Object.assign(new RangeError("No mask"), { code }));
  assert.not(types(link).includes("recycle"));
  const [line] = link.of<LogMessage>("log");
  assert.is(line?.level, "warning");
  assert.match(
    line?.text ?? "",
    /listens to no "error" of a WebSocket .*No mask/,
  );
});

worker(
  "the last of max requests asks for a replacement, and is answered",
  async () => {
    const { link, ask } = await serve(undefined, {
      plan: { recycle: { maxRequests: 2 } },
    });
    await ask();
    assert.not(types(link).includes("recycle"));
    assert.is((await ask()).status, 200);
    await ask();
    assert.equal(link.of("recycle"), [
      {
        type: "recycle",
        kind: "max_requests",
        reason: "2 requests",
        failure: false,
      },
    ]);
  },
);

worker("the limits of the boot message hold", async () => {
  const { runtime, link, ask } = await serve(
    () => new Promise(() => {}),
    { plan: { limits: { requestTimeoutMs: 500, workerConnections: 1 } } },
  );
  const held = ask("/held");
  assert.is((await ask("/refused")).status, 503);
  runtime.clock.pass(500);
  assert.is((await held).status, 504);
  assert.equal(
    (link.of("log") as unknown as LogMessage[]).map(({ level, text }) =>
      `${level} ${text}`
    ),
    [
      "warning Refused a request with 503: 1 in hand, 0 waiting",
      "error GET /held had no answer within 0.5 s: answered 504",
    ],
  );
});

worker("a request beats before the app is called", async () => {
  let beats = 0;
  const { link, ask } = await serve(() => {
    beats = link.of("beat").length;
    return new Response();
  });
  await ask("/a?secret=1");
  assert.is(beats, 1);
});

worker("a worker beats as often as it is told to", async () => {
  const { runtime, link } = await serve(undefined, {
    plan: { life: { idleBeatMs: 250 } },
  });
  runtime.clock.pass(1000);
  assert.is(link.of("beat").length, 4);
});

worker("a failure of the app goes to the arbiter's log", async () => {
  const { link, ask } = await serve(() => {
    throw new Error("no");
  });
  assert.is((await ask("/a")).status, 500);
  const [line] = link.of<LogMessage>("log");
  assert.is(line?.level, "error");
  assert.match(line?.text ?? "", /^GET \/a failed\nError: no/);
});

worker(
  "drain ends with the engine, with requests and with waitUntil()",
  async () => {
    const gate = Promise.withResolvers<void>();
    const { runtime, link, engine, ask } = await serve(
      (_request: Request, _env: unknown, ctx: {
        waitUntil(promise: Promise<void>): void;
      }) => {
        ctx.waitUntil(gate.promise);
        return new Response();
      },
    );
    await ask();
    link.receive({ type: "drain" });
    assert.ok(engine.draining);
    engine.drained.resolve();
    await settle();
    assert.equal(runtime.exits, []);
    gate.resolve();
    await settle();
    assert.equal(runtime.exits, [0]);
  },
);

worker("drain is cut after the graceful timeout", async () => {
  const gate = Promise.withResolvers<Response>();
  const { runtime, link, engine, ask } = await serve(() => gate.promise, {
    plan: { life: { gracefulMs: 2000 } },
  });
  void ask();
  link.receive({ type: "drain" });
  link.receive({ type: "drain" });
  runtime.clock.pass(1999);
  assert.equal(runtime.exits, []);
  runtime.clock.pass(1);
  assert.equal(runtime.exits, [0]);
  assert.ok(engine.closed);
  assert.is(
    link.of<LogMessage>("log").at(0)?.text,
    "Cut 1 open request: the graceful timeout of 2 s is over",
  );
});

worker("what a drain was held by is told as it is", async () => {
  const never = new Promise<void>(() => {});
  for (
    const [waits, text] of [
      [true, "what goes on behind answers, as waitUntil() promises do"],
      [false, "answers that go on, or connections that stay open"],
    ] as const
  ) {
    const { runtime, link, ask } = await serve(
      (_request: Request, _env: unknown, ctx: {
        waitUntil(promise: Promise<void>): void;
      }) => {
        if (waits) ctx.waitUntil(never);
        return new Response();
      },
    );
    await ask();
    link.receive({ type: "drain", withinMs: 1000 });
    runtime.clock.pass(1000);
    assert.is(
      link.of<LogMessage>("log").at(0)?.text,
      `Cut ${text}: the graceful timeout of 1 s is over`,
    );
  }
});

worker("drain takes no longer than the arbiter says", async () => {
  const gate = Promise.withResolvers<Response>();
  const { runtime, link, ask } = await serve(() => gate.promise);
  void ask();
  link.receive({ type: "drain", withinMs: 500 });
  runtime.clock.pass(499);
  assert.equal(runtime.exits, []);
  runtime.clock.pass(1);
  assert.equal(runtime.exits, [0]);
});

worker("drain goes on beating", async () => {
  const { runtime, link } = await serve();
  link.receive({ type: "drain" });
  runtime.clock.pass(3000);
  assert.is(link.of("beat").length, 3);
});

worker("drain before boot exits at once", async () => {
  const { runtime, link } = run();
  link.receive({ type: "drain" });
  await settle();
  assert.equal(runtime.exits, [0]);
});

worker("quit cuts everything and exits", async () => {
  const { runtime, link, engine } = await serve();
  link.receive({ type: "quit" });
  assert.ok(engine.closed);
  assert.equal(runtime.exits, [0]);
});

worker("quit drains who accepts already, where that is asked for", async () => {
  const { runtime, link, engine } = await serve();
  link.receive({ type: "quit", unlessOpen: true });
  assert.ok(engine.draining);
  assert.not(engine.closed);
  assert.equal(runtime.exits, []);
});

worker("quit before boot exits, whatever is asked for", async () => {
  const { runtime, link } = run();
  link.receive({ type: "quit", unlessOpen: true });
  await settle();
  assert.equal(runtime.exits, [0]);
});

worker("an orphan drains, and is gone within 1.5 s", async () => {
  const gate = Promise.withResolvers<Response>();
  const { runtime, link, engine, ask } = await serve(() => gate.promise);
  void ask();
  link.close();
  assert.ok(engine.draining);
  runtime.clock.pass(1499);
  assert.equal(runtime.exits, []);
  runtime.clock.pass(1);
  assert.equal(runtime.exits, [0]);
});

worker("an orphan that drains already has no longer than others", async () => {
  const gate = Promise.withResolvers<Response>();
  const { runtime, link, ask } = await serve(() => gate.promise);
  void ask();
  link.receive({ type: "drain" });
  runtime.clock.pass(100);
  link.close();
  runtime.clock.pass(1500);
  assert.equal(runtime.exits, [0]);
});

worker("an orphan has no more than the graceful timeout", async () => {
  const gate = Promise.withResolvers<Response>();
  const { runtime, link, ask } = await serve(() => gate.promise, {
    plan: { life: { gracefulMs: 1000 } },
  });
  void ask();
  link.receive({ type: "drain" });
  runtime.clock.pass(900);
  link.close();
  runtime.clock.pass(100);
  assert.equal(runtime.exits, [0]);
});

worker(
  "TERM asks the arbiter for a replacement, without its word",
  async () => {
    const { runtime, link } = await serve();
    runtime.signal("SIGTERM");
    runtime.signal("SIGTERM");
    assert.equal(link.of("recycle"), []);
    runtime.clock.pass(500);
    assert.equal(link.of("recycle"), [
      { type: "recycle", kind: "signal", reason: "SIGTERM", failure: false },
    ]);
    assert.equal(runtime.exits, []);
  },
);

worker(
  "a change of authorities asks for a replacement where sessions of TLS cannot be forgotten",
  async () => {
    const identity = { cert: "cert", key: "key", names: [] };
    const material = (ca: string): TlsMaterial => ({
      ...identity,
      ca,
      clientCertificates: "required",
      minVersion: "1.2",
    });
    const asked = [];
    for (const keepsTlsSessions of [false, true]) {
      const { runtime, link } = await serve(undefined, { tls: material("a") });
      runtime.keepsTlsSessions = keepsTlsSessions;
      link.receive({ type: "tls", id: 1, material: material("a") });
      assert.equal(link.of("recycle"), []);
      link.receive({ type: "tls", id: 2, material: material("b") });
      link.receive({ type: "tls", id: 3, material: material("c") });
      assert.is(link.of("rekeyed").length, 3);
      asked.push(link.of("recycle"));
    }
    assert.equal(asked, [[], [{
      ...{ type: "recycle", kind: "authorities" },
      ...{ reason: "a change of --ca-certs", failure: false },
    }]]);
  },
);

worker(
  "the engine speaks TLS with what the arbiter has read anew",
  async () => {
    const { link, engine } = await serve();
    const given: unknown[] = [];
    Object.assign(engine, {
      rekey: (one: TlsMaterial) => given.push(one.cert),
    });
    const material = materialOf("new");
    link.receive({ type: "tls", id: 7, material });
    assert.equal(given, ["new"]);
    assert.equal(link.of("rekeyed"), [{ type: "rekeyed", id: 7 }]);
    Object.assign(engine, {
      rekey() {
        throw new Error("bad key");
      },
    });
    link.receive({ type: "tls", id: 8, material });
    assert.match(
      JSON.stringify(link.of("log")),
      "Cannot use the certificates: bad key; the old ones stay",
    );
  },
);

worker("what is read anew while a worker boots is what it speaks", async () => {
  const { runtime, link } = run();
  const given: unknown[] = [];
  runtime.engines.push = (engine) => {
    const rekey = (one: TlsMaterial) => given.push(one.cert);
    return Array.prototype.push.call(
      runtime.engines,
      Object.assign(engine, { rekey }),
    );
  };
  runtime.modules.set(URL, { default: () => new Response("x") });
  link.receive(bootOf({ tls: materialOf("old") }));
  link.receive({ type: "tls", id: 1, material: materialOf("new") });
  await settle();
  assert.equal(given, ["new"]);
  assert.ok(types(link).includes("ready"));
});

worker("TERM asks for nothing where the arbiter speaks first", async () => {
  const { runtime, link, ask } = await serve();
  void ask();
  runtime.signal("SIGTERM");
  link.receive({ type: "drain" });
  runtime.clock.pass(900);
  assert.equal(link.of("recycle"), []);
  assert.equal(runtime.exits, []);
});

worker("TERM exits a worker that is not ready", () => {
  const { runtime } = run();
  runtime.signal("SIGTERM");
  assert.equal(runtime.exits, []);
  runtime.clock.pass(500);
  assert.equal(runtime.exits, [0]);
});

worker("QUIT exits", async () => {
  const { runtime } = await serve();
  runtime.signal("SIGQUIT");
  assert.equal(runtime.exits, [0]);
});

worker("QUIT while the app proves itself opens nothing", async () => {
  const { runtime, link } = await serve(undefined, { proofMs: 1000 });
  runtime.signal("SIGQUIT");
  runtime.clock.pass(1000);
  await settle();
  assert.equal(runtime.exits, [0]);
  assert.equal(runtime.engines, []);
  assert.not.ok(types(link).includes("ready"));
});

for (const signal of ["SIGINT", "SIGHUP", "SIGWINCH", "SIGUSR1"] as const) {
  worker(`${signal} is the arbiter's alone`, async () => {
    const { runtime, link } = await serve();
    const before = link.sent.length;
    runtime.signal(signal);
    assert.is(link.sent.length, before);
    assert.equal(runtime.exits, []);
  });
}

worker("what is no message changes nothing", async () => {
  const { runtime, link } = await serve();
  for (const message of [null, 1, "drain", {}, { type: "nonsense" }]) {
    link.receive(message);
  }
  assert.equal(runtime.exits, []);
});

worker("receive() opens nothing before the app has proved itself", async () => {
  const { runtime, link } = run();
  runtime.modules.set(URL, { default: () => new Response("x") });
  link.receive(bootOf({ proofMs: 500 }));
  await settle();
  runtime.clock.pass(499);
  await settle();
  assert.is(runtime.engines.length, 0);
  runtime.clock.pass(1);
  await settle();
  assert.is(runtime.engines[0]?.opened.length, 1);
  assert.ok(types(link).includes("ready"));
});

worker(
  "receive() fails an app that throws while it proves itself",
  async () => {
    const { runtime, link } = run();
    runtime.modules.set(URL, { default: () => new Response("x") });
    link.receive(bootOf({ proofMs: 500 }));
    await settle();
    runtime.uncaught(new Error("too late"));
    assert.ok(types(link).includes("failed"));
    assert.equal(runtime.exits, [4]);
  },
);

worker(
  "receive() becomes who it should be before the app is loaded",
  async () => {
    const { runtime, link } = run();
    const identity = { uid: 33, gid: 44, groups: [44] };
    const boot = bootOf({
      plan: { process: { identity, umask: 0o77, name: "a" } },
    });
    link.receive(boot);
    await settle();
    assert.equal(runtime.identity, identity);
    assert.is(runtime.mask, 0o77);
    assert.is(runtime.title, "corn: worker 1 [a]");
  },
);

worker("receive() fails where it may not become it", async () => {
  const { runtime, link } = run();
  runtime.become = () => {
    throw systemError("EPERM");
  };
  link.receive(
    bootOf({
      plan: { process: { identity: { uid: 1, gid: 1, groups: [1] } } },
    }),
  );
  await settle();
  assert.equal(runtime.exits, [3]);
});

/** A worker of a module that listens. */
async function listen(module: Record<string, unknown> = {}) {
  const { runtime, link } = run();
  runtime.modules.set(URL, module);
  link.receive(bootOf());
  await settle();
  const server = new FakeServer(3000);
  assert.is(runtime.servers?.onListen(server), "hold");
  await settle();
  return { runtime, link, server, engine: runtime.engines[0] as FakeEngine };
}

worker("a module that listens is served, and told so", async () => {
  const { link, server, engine, runtime } = await listen();
  assert.equal(types(link), ["hello", "log", "ready"]);
  assert.is(
    link.of<LogMessage>("log")[0]?.text,
    "app.ts listens itself: its port 3000 is served at http://127.0.0.1:8000",
  );
  assert.equal(server.calls, ["serve"]);
  assert.equal(runtime.servers?.address, bootOf().listeners[0]?.address);
  link.receive({ type: "drain" });
  await settle();
  assert.equal(server.calls, ["serve"], "its connections are open");
  engine.drained.resolve();
  await settle();
  assert.equal(server.calls, ["serve", "end"]);
  assert.equal(runtime.exits, [0]);
});

worker("a module that listens is told so when its drain is cut", async () => {
  const { link, server, runtime } = await listen();
  link.receive({ type: "drain", withinMs: 1000 });
  await settle();
  runtime.clock.pass(1000);
  assert.equal(server.calls, ["serve", "end"]);
  assert.equal(runtime.exits, [0]);
});

worker("an app that closes its server is replaced", async () => {
  const { link, server, runtime } = await listen();
  runtime.servers?.onClose(server);
  assert.is(types(link).at(-1), "recycle");
});

worker("a drain ends with the app's handlers of signals", async () => {
  const { runtime, link, engine } = await serve();
  const steps: string[] = [];
  runtime.farewell.onSignal = () => {
    steps.push("signal");
    return Promise.resolve(true);
  };
  runtime.farewell.onExit = () => {
    steps.push("exit");
    return Promise.resolve();
  };
  link.receive({ type: "drain" });
  await settle();
  assert.equal(steps, []);
  engine.drained.resolve();
  await settle();
  assert.equal(steps, ["signal", "exit"]);
  assert.equal(runtime.exits, [], "what it has begun goes on");
  runtime.farewell.idle();
  await settle();
  assert.equal(runtime.exits, [0]);
});

worker(
  "a handler that gives nothing to wait for has until the loop idles",
  async () => {
    const { runtime, link, engine } = await serve();
    runtime.farewell.onSignal = () => Promise.resolve(false);
    link.receive({ type: "drain" });
    engine.drained.resolve();
    await settle();
    assert.equal(runtime.exits, []);
    runtime.clock.pass(30_000);
    assert.equal(runtime.exits, [0]);
    assert.match(
      link.of<LogMessage>("log").at(-1)?.text ?? "",
      "Exit before the app's signal handler is done",
    );
  },
);

worker("a handler that sends the signal anew has done", async () => {
  const { runtime, link, engine } = await serve();
  runtime.farewell.onSignal = () => Promise.resolve(false);
  link.receive({ type: "drain" });
  engine.drained.resolve();
  await settle();
  runtime.signal("SIGTERM");
  assert.equal(runtime.exits, [0]);
});

worker("a handler that throws is logged, and the worker leaves", async () => {
  const { runtime, link, engine } = await serve();
  runtime.farewell.onSignal = () => Promise.reject(new Error("no end"));
  link.receive({ type: "drain" });
  engine.drained.resolve();
  await settle();
  assert.match(
    link.of<LogMessage>("log")[0]?.text ?? "",
    /Failed: the app's signal handler\n(.*\n)*? *Error: no end/,
  );
  assert.equal(runtime.exits, [0]);
});

worker("what beforeExit has begun may take two seconds", async () => {
  const { runtime, link, engine } = await serve();
  runtime.farewell.onExit = () => Promise.resolve();
  link.receive({ type: "drain" });
  engine.drained.resolve();
  await settle();
  runtime.clock.pass(2000);
  await settle();
  assert.equal(runtime.exits, [0]);
});

worker("a cut waits for the app's handlers, and for nothing else", async () => {
  const { runtime, link, engine } = await serve();
  const asked: unknown[] = [];
  let done: (value: boolean) => void = () => {};
  runtime.farewell.onSignal = (signal) => {
    asked.push(signal, engine.closed);
    return new Promise((resolve) => done = resolve);
  };
  link.receive({ type: "drain", cut: true });
  await settle();
  assert.equal(asked, ["SIGINT", true], "what is open is cut first");
  assert.equal(runtime.exits, []);
  done(true);
  await settle();
  assert.equal(runtime.exits, [0]);
});

worker("a cut of a worker that drains ends what it waits for", async () => {
  const { runtime, link } = await serve();
  runtime.farewell.onSignal = () => new Promise(() => {});
  link.receive({ type: "drain" });
  await settle();
  link.receive({ type: "drain", cut: true, withinMs: 500 });
  await settle();
  assert.equal(runtime.exits, []);
  runtime.clock.pass(500);
  assert.equal(runtime.exits, [0]);
  assert.match(
    link.of<LogMessage>("log").at(-1)?.text ?? "",
    "Exit before the app's signal handler is done",
  );
});

worker("a quit calls no handler of the app's", async () => {
  const { runtime, link } = await serve();
  runtime.farewell.onSignal = () => Promise.reject(new Error("called"));
  link.receive({ type: "quit" });
  assert.equal(runtime.exits, [0]);
});

worker.run();
