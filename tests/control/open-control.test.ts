import { BindError } from "../../src/base/errors.ts";
import { openControl } from "../../src/control/open-control.ts";
import type { Route } from "../../src/control/door/route.ts";
import * as assert from "../support/assert.ts";
import { systemError } from "../support/fake/files.ts";
import { FakeRuntime } from "../support/fake/runtime.ts";
import { FakeStream } from "../support/fake/stream.ts";
import { suite } from "../support/suite.ts";
import { until } from "../support/wait.ts";

const control = suite("openControl()");

const PATH = "/run/shop.sock";
const order: Route = {
  method: "POST",
  path: "/order",
  summary: "",
  answer: () => ({ json: "done" }),
};

interface Given {
  readonly path?: string | undefined;
  readonly asked?: boolean;
  readonly takesOver?: boolean;
  readonly holder?: string;
  /** A server answers at the path. */
  readonly answers?: boolean;
}

async function open(runtime: FakeRuntime, given: Given = {}) {
  const lines: string[] = [];
  const { answers = false } = given;
  runtime.answers = () => Promise.resolve(answers);
  const opened = await openControl(runtime, {
    wish: {
      path: "path" in given ? given.path : PATH,
      asked: given.asked ?? true,
    },
    mode: 0o640,
    owner: { uid: 5, gid: 6 },
    log: {
      debug: (text) => void lines.push(text),
      warning: (text) => void lines.push(`warning: ${text}`),
    },
    takesOver: () => given.takesOver ?? false,
    holderOf: () => given.holder,
    routes: () => Promise.resolve([order]),
  });
  const [taken] = runtime.accepting.values();
  return { opened, lines, taken };
}

/** Why it is not opened. */
async function refusal(runtime: FakeRuntime, given?: Given): Promise<string> {
  try {
    await open(runtime, given);
  } catch (error) {
    assert.instance(error, BindError);
    return (error as Error).message.replace(/^[^:]*: /, "");
  }
  return "none";
}

control("orders may be given at it, by whom it is for", async () => {
  const { opened, taken } = await open(new FakeRuntime());
  assert.is(opened?.path, PATH);
  const { unixMode, unixOwner, exclusive } = taken as unknown as Record<
    string,
    unknown
  >;
  assert.equal([unixMode, unixOwner, exclusive], [
    0o640,
    { uid: 5, gid: 6 },
    true,
  ]);
  const stream = new FakeStream();
  const events = taken!.accept(stream);
  events.onData(new TextEncoder().encode(
    "POST /order HTTP/1.1\r\nHost: localhost\r\n" +
      "Content-Type: application/json\r\nContent-Length: 0\r\n\r\n",
  ));
  await until("an answer", () => stream.text.includes("\r\n\r\n"));
  assert.match(stream.text, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n"done"\n$/);
});

control("it has its name while commands are told of it", async () => {
  const runtime = new FakeRuntime();
  runtime.files.texts.set("/tmp/corn-0/1.json", "");
  runtime.files.modes.set("/tmp/corn-0", 0o700);
  const { opened } = await open(runtime);
  assert.is(opened?.isNamed(), true);
  const [file = ""] = [...runtime.files.texts.keys()].filter((name) =>
    name.endsWith(".path")
  );
  runtime.files.texts.set(file, "/run/other.sock\n");
  assert.is(opened?.isNamed(), false, "another has its place");
  runtime.files.texts.delete(file);
  assert.is(opened?.isNamed(), false);
});

control("one that takes over takes the name without asking", async () => {
  const runtime = new FakeRuntime();
  runtime.files.sockets.add(PATH);
  const given = { takesOver: true, answers: true };
  const { taken } = await open(runtime, given);
  assert.is((taken as unknown as { exclusive: boolean }).exclusive, false);
});

control("what another process has is left to it", async () => {
  const runtime = new FakeRuntime();
  runtime.files.sockets.add(PATH);
  const help = "; stop it or choose another path";
  assert.is(
    await refusal(runtime, { answers: true, holder: "pid 7 (nginx)" }),
    `another process listens there: pid 7 (nginx)${help}`,
  );
  assert.is(
    await refusal(runtime, { answers: true }),
    `another process listens there${help}`,
  );
  // A socket that nobody listens at is what a killed one has left.
  assert.is(await refusal(runtime), "none");
});

control("one that comes to listen at the same moment is told too", async () => {
  const runtime = new FakeRuntime();
  runtime.acceptStreams = () => Promise.reject(systemError("EADDRINUSE"));
  assert.match(await refusal(runtime), /^another process listens there;/);
  assert.match(await refusal(runtime, { takesOver: true }), /^EADDRINUSE/);
  runtime.acceptStreams = () => Promise.reject(systemError("EACCES"));
  assert.match(await refusal(runtime), /^EACCES/);
});

control("a path that cannot be one is refused", async () => {
  const runtime = new FakeRuntime();
  runtime.files.texts.set(PATH, "");
  assert.is(await refusal(runtime), "there is a file of that name");
  const path = (length: number) => ({ path: "/".padEnd(length, "a") });
  assert.is(await refusal(runtime, path(90)), "none");
  assert.is(
    await refusal(runtime, path(91)),
    "its path is longer than 90 characters",
  );
  runtime.acceptsStreams = () => false;
  assert.is(
    await refusal(runtime, path(9)),
    "this process may not listen or write files",
  );
});

control("corn goes on without one that nobody asked for", async () => {
  const runtime = new FakeRuntime();
  runtime.acceptStreams = () => Promise.reject(systemError("EACCES"));
  const named = await open(runtime, { asked: false });
  assert.is(named.opened, undefined);
  assert.equal(named.lines, [
    `Cannot open the control socket "${PATH}": EACCES: it was to be so; corn goes on without`,
  ]);
});

control.run();
