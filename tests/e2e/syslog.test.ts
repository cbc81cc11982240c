import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "../support/assert.ts";
import { runtimeName } from "../support/process/command.ts";
import { ask, curl } from "../support/client/curl.ts";
import { fixture, promises } from "../support/promise.ts";
import {
  receiveStream,
  receiveUdp,
  receiveUnixDatagrams,
} from "../support/log/receiver.ts";
import type { TestReceiver } from "../support/log/receiver.ts";
import { until } from "../support/wait.ts";

const syslog = promises("syslog");
const app = fixture("app.ts");

const to = (target: string, ...more: string[]) => [
  ...["-w", "1", "--log-syslog", "--log-syslog-to", target],
  ...more,
];

/** The messages of a stream by their counted octets (RFC 6587 §3.4.1). @throws where it is none */
function messagesOf({ messages }: TestReceiver): string[] {
  const stream = new TextEncoder().encode(messages.join(""));
  const found: string[] = [];
  for (let at = 0; at < stream.length;) {
    const space = stream.indexOf(32, at);
    const length = Number(new TextDecoder().decode(stream.subarray(at, space)));
    assert.ok(length > 0, "a count stands before each message");
    at = space + 1 + length;
    found.push(new TextDecoder().decode(stream.subarray(space + 1, at)));
  }
  return found;
}

/** What follows the time and the name of the machine. */
const rest = (message: string) =>
  message.replace(/^(<\d+>1) [-\dT:.]+Z \S+ /, "$1 ");

syslog("the whole log goes out over UDP, to its last line", async (lab) => {
  const receiver = await receiveUdp();
  const server = await lab.start({
    app,
    args: to(
      `udp://127.0.0.1:${receiver.port}`,
      ...["--log-syslog-facility", "local3", "--log-syslog-prefix", "shop"],
    ),
  });
  const [worker] = server.workers();
  await ask(`${server.url}/throw`);
  await server.stop();
  await until("the last line", () => /Stopped$/.test(receiver.text()));
  const messages = receiver.messages.map(rest);
  const start = "corn.shop.error";
  assert.ok(
    messages[0]?.startsWith(`<158>1 ${start} ${server.pid} error - corn `),
    messages[0],
  );
  const thrown = messages.find((one) => one.includes("thrown by the app"));
  assert.ok(
    thrown?.startsWith(`<155>1 ${start} ${worker} error - `),
    thrown,
  );
  assert.not.match(thrown as string, /\n/);
  const lines = server.log().split("\n").filter((line) => line[0] === "[");
  assert.is(
    messages.filter((one) => one.includes(" error - ")).length,
    lines.length,
    "standard error has it as well",
  );
  await receiver.close();
});

syslog("a stream has the length before each message", async (lab) => {
  const path = join(lab.folder, "stream");
  const tcp = await receiveStream();
  const unix = await receiveStream(path);
  for (
    const [receiver, target] of [
      [tcp, `tcp://localhost:${tcp.port}`],
      [unix, `unix://${path}`],
      [unix, `unix://${path}#stream`],
    ] as const
  ) {
    receiver.messages.length = 0;
    const server = await lab.start({
      app,
      args: [...to(target), "--name", "my shop"],
    });
    await server.stop();
    await until("the last line", () => /Stopped$/.test(receiver.text()));
    for (const message of messagesOf(receiver)) {
      assert.match(rest(message), /^<14>1 corn\.my-shop\.error \d+ error - /);
    }
  }
  await tcp.close();
  await unix.close();
});

/** The lines of the access log among messages, as they came. */
const accessOf = (messages: readonly string[]) =>
  messages.filter((one) => one.includes(".access "));

syslog(
  "each request has its line, without a file and with one",
  async (lab) => {
    const receiver = await receiveUdp();
    const path = join(lab.folder, "access.log");
    lab.forgive(path);
    const target = `udp://127.0.0.1:${receiver.port}`;
    const name = ["--log-syslog-prefix", "shop", "--access-log-skip", "/echo"];
    for (const file of [[], ["--access-logfile", path]]) {
      receiver.messages.length = 0;
      const server = await lab.start({
        app,
        args: to(target, ...name, ...file),
      });
      const [worker] = server.workers();
      await curl(`${server.url}/who`, "-A", 'a "b"');
      await ask(`${server.url}/echo`);
      await ask(`${server.url}/throw`);
      // The last of them comes while the worker ends.
      await server.stop();
      await until("both", () => accessOf(receiver.messages).length === 2);
      const [first = "", second = ""] = accessOf(receiver.messages).map(rest);
      const start = `<14>1 corn.shop.access ${worker} access - `;
      assert.ok(first.startsWith(start), first);
      assert.match(
        first.slice(start.length),
        /^127\.0\.0\.1 - - \[.* \+0000\] "GET \/who HTTP\/1\.1" 200 \d+ "-" "a \\"b\\"/,
        first,
      );
      assert.match(second, /"GET \/throw HTTP\/1\.1" 500 /);
      assert.not.match(receiver.text(), /GET \/echo/);
    }
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    assert.is(lines.length, 2, "the file has its own");
    assert.match(lines[1] as string, /"GET \/throw HTTP\/1\.1" 500 /);
    await receiver.close();
  },
);

syslog("lines of requests go over a stream, whole", async (lab) => {
  const path = join(lab.folder, "stream");
  const receiver = await receiveStream(path);
  const server = await lab.start({
    app,
    args: [
      ...to(`unix://${path}#stream`, "-w", "2"),
      ...["--access-log-format", "json"],
    ],
  });
  const client = await lab.connect(server.url);
  for (let n = 0; n < 40; n++) await client.request(`/who?${n}`);
  client.close();
  await server.stop();
  await until("all", () => receiver.text().split("/who?").length === 41);
  // Each worker has a stream of its own, and a piece of one is whole messages.
  const targets = accessOf(
    receiver.messages.flatMap((messages) =>
      messagesOf({ ...receiver, messages: [messages] })
    ),
  ).map((one) => JSON.parse(one.slice(one.indexOf("{"))).target);
  assert.equal(targets, Array.from({ length: 40 }, (_, n) => `/who?${n}`));
  await receiver.close();
});

syslog("--disable-redirect-access-to-syslog keeps them out", async (lab) => {
  const receiver = await receiveUdp();
  const server = await lab.start({
    app,
    args: to(
      `udp://127.0.0.1:${receiver.port}`,
      "--disable-redirect-access-to-syslog",
    ),
  });
  await ask(`${server.url}/throw`);
  await server.stop();
  await until("the last line", () => /Stopped$/.test(receiver.text()));
  assert.match(receiver.text(), /thrown by the app/);
  assert.equal(accessOf(receiver.messages), []);
  await receiver.close();
});

for (const kind of ["stream", "dgram"]) {
  syslog(`a unix ${kind} that nobody reads holds no worker up`, async (lab) => {
    if (kind === "dgram" && runtimeName === "node") {
      return lab.skip("Node has no unix datagrams");
    }
    const path = join(lab.folder, "log");
    const receiver = kind === "stream"
      ? await receiveStream(path, { reads: false })
      : await receiveUnixDatagrams(path, { reads: false });
    if (kind === "dgram") lab.forgive(path);
    const server = await lab.start({ app, args: to(`unix://${path}#${kind}`) });
    const [worker] = server.workers();
    const client = await lab.connect(server.url);
    // More than fits into a socket and what may wait.
    const headers = { "user-agent": "a".repeat(6000) };
    for (let n = 0; n < 400; n++) {
      assert.is((await client.request("/who", { headers })).status, 200);
    }
    client.close();
    assert.equal(server.workers(), [worker]);
    const start = performance.now();
    await server.stop();
    const took = performance.now() - start;
    assert.ok(took < 5000, `the stop took ${took} ms`);
    assert.match(
      server.log(),
      /Ended with \d+ messages lost: unix:.* did not take them/,
    );
    await receiver.close();
  });
}

syslog("unix datagrams, or a line that says what to do", async (lab) => {
  const path = join(lab.folder, "log");
  lab.forgive(path);
  const receiver = await receiveUnixDatagrams(path);
  if (runtimeName === "node") {
    const refused = lab.run({ app, args: to(`unix://${path}#dgram`) });
    assert.is((await refused.ended).code, 1);
    assert.is(
      refused.log(),
      `corn: Cannot use logSyslogTo "unix://${path}#dgram": Node has no unix datagrams; give udp://HOST:PORT, or run corn and its workers on Bun or Deno\n`,
    );
    const server = await lab.start({ app, args: to(`unix://${path}`) });
    await server.waitForLog(
      /Cannot send the log to unix:.*#stream: it takes datagrams, and Node has no/,
    );
    await server.stop();
    return await receiver.close();
  }
  for (const target of [`unix://${path}#dgram`, `unix://${path}`]) {
    receiver.messages.length = 0;
    const server = await lab.start({ app, args: to(target) });
    await server.stop();
    await until("the last line", () => /Stopped$/.test(receiver.text()));
    assert.match(
      rest(receiver.messages[0] as string),
      /^<14>1 corn\.\S+\.error \d+ error - corn /,
    );
  }
  await receiver.close();
});

syslog("a receiver that goes and comes back does not harm", async (lab) => {
  const path = join(lab.folder, "stream");
  let receiver = await receiveStream(path);
  const server = await lab.start({ app, args: to(`unix://${path}#stream`) });
  await until("the log", () => receiver.text().includes(" ready in "));
  await receiver.close();
  await server.waitForLog(/Cannot send the log to unix:\S+: it ended the/);
  for (let n = 0; n < 20; n++) await ask(`${server.url}/throw/${n}`);
  receiver = await receiveStream(path);
  await server.waitForLog(/Sending the log to \S+ again: 0 messages lost/);
  await until(
    "what waited",
    () =>
      messagesOf(receiver).filter((one) => one.includes("thrown by the app:"))
        .length === 20,
  );
  assert.is(server.log().match(/Cannot send the log/g)?.length, 1);
  await server.stop();
  await receiver.close();
});

syslog(
  "UDP where nobody listens: a line, and the server serves",
  async (lab) => {
    const receiver = await receiveUdp();
    await receiver.close();
    const { port } = receiver;
    const server = await lab.start({
      app,
      args: to(`udp://127.0.0.1:${port}`),
    });
    // Deno does not hear of it.
    if (runtimeName !== "deno") {
      await server.waitForLog(/Cannot send the log to udp:\S+: nobody listens/);
    }
    let n = 0;
    while (n < 5) await ask(`${server.url}/throw/${n++}`);
    const back = await receiveUdp(port);
    await until("the log", async () => {
      await ask(`${server.url}/throw/${n++}`);
      return back.text().includes("thrown by the app");
    });
    await server.stop();
    await back.close();
  },
);

syslog(
  "a stop does not wait for a receiver that reads nothing",
  async (lab) => {
    const path = join(lab.folder, "stream");
    const receiver = await receiveStream(path, { reads: false });
    // A file: of what standard error does not take in time lines are left out.
    const logFile = join(lab.folder, "corn.log");
    lab.forgive(logFile);
    const server = await lab.start({
      app: fixture("printer.ts"),
      args: to(
        `unix://${path}#stream`,
        ...["--capture-output", "--error-logfile", logFile],
      ),
      logFile,
    });
    // More than fits into a socket and what may wait.
    await ask(`${server.url}/flood/3000`);
    await server.waitForLog(/flood 3000 /);
    const start = performance.now();
    await server.stop();
    const took = performance.now() - start;
    assert.ok(took < 5000, `the stop took ${took} ms`);
    assert.match(server.log(), /Ended with \d+ messages lost/);
    await receiver.close();
  },
);

syslog("bad addresses are refused in a line", async (lab) => {
  for (
    const [args, line] of [
      [
        ["--log-syslog-to", "logs:514"],
        'Cannot use logSyslogTo "logs:514" from --log-syslog-to: give udp://HOST:PORT, tcp://HOST:PORT or unix:///PATH',
      ],
      [
        ["--log-syslog-facility", "mine"],
        /^Cannot use logSyslogFacility "mine" from --log-syslog-facility: give user, /,
      ],
    ] as const
  ) {
    const command = lab.run({ app, args: ["--log-syslog", ...args] });
    assert.is((await command.ended).code, 1);
    const said = command.log().replace(/^corn: /, "").trimEnd();
    if (typeof line === "string") assert.is(said, line);
    else assert.match(said, line);
  }
});

syslog(
  "a name that is not found, a target that is not asked for",
  async (lab) => {
    const server = await lab.start({ app, args: to("udp://no.invalid") });
    await server.waitForLog(
      /Cannot send the log to udp:\/\/no\.invalid:514: the name is not found; /,
    );
    const other = await lab.start({
      app,
      args: ["-w", "1", "--log-syslog-to", "udp://localhost"],
    });
    assert.match(
      other.log(),
      /WARNING\] logSyslogTo from --log-syslog-to ignored: logSyslog is off\n/,
    );
  },
);

syslog.run();
