import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import * as assert from "../support/assert.ts";
import { get } from "../support/client/curl.ts";
import { promote, upgrade } from "../support/process/heir.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import type { Command } from "../support/process/server.ts";
import { until, within } from "../support/wait.ts";

const capture = promises("--capture-output");
const app = fixture("printer.ts");

/** Bytes of memory that a process has had at most. */
function peakOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmHWM:\s*(\d+) kB/.exec(text)?.[1]) * 1024;
}

/** An event of the log. */
interface Event {
  readonly pid: number;
  readonly level: string;
  readonly stream?: string;
  readonly message: string;
}

/** corn with its log in a file, and what of it was printed by workers. */
async function start(lab: Lab, ...more: string[]) {
  const logFile = join(lab.folder, "corn.log");
  lab.forgive(logFile);
  const server = await lab.start({
    app,
    args: [
      ...["-w", "1", "--capture-output", "--error-logfile", logFile],
      ...["--log-format", "json", ...more],
    ],
    logFile,
  });
  const printed = (): Event[] =>
    server.log().split("\n").slice(0, -1)
      .map((line) => JSON.parse(line) as Event)
      .filter(({ stream }) => stream !== undefined);
  const message = (text: string) =>
    until(
      `"${text}" in the log`,
      () => printed().find((one) => one.message === text),
    );
  return { server, printed, message };
}

for (const workers of ["node", "bun", "deno"] as const) {
  const started = capture.share((lab) => start(lab, "--runtime", workers));

  capture(`what ${workers} workers print is in the log`, async () => {
    const { server, message } = await started();
    await message("loaded");
    const pid = Number(await get(`${server.url}/print/1`));
    const { stream, level, ...out } = await message("out 1");
    assert.equal({ stream, level, pid: out.pid }, {
      stream: "stdout",
      level: "info",
      pid,
    });
    const err = await message("err 1");
    assert.equal({ ...err, time: 0, message: "" }, {
      time: 0,
      level: "error",
      pid,
      stream: "stderr",
      message: "",
    });
    await message('é世\u{1F33D} "quoted" red \x07bell');
    assert.is(server.errors(), "");
    assert.is(server.output(), "");
  });

  capture(`the last words of ${workers} workers are kept`, async () => {
    const { server, printed, message } = await started();
    const pid = Number(await get(`${server.url}/crash`));
    await message("last words without an end");
    await message("first");
    await message("second");
    assert.ok(printed().filter((one) => one.pid === pid).length >= 3);
    await until(
      "a replacement",
      () => server.workers().some((one) => one !== pid),
    );
    await until(
      "it to print",
      () => printed().filter((one) => one.message === "loaded").length === 2,
    );
    await until(
      "it to serve",
      () => server.log().match(/ready in/g)?.length === 2,
    );
    await get(`${server.url}/exit`);
    await message("going");
  });
}

capture("without it the streams are corn's own", async ({ start }) => {
  const server = await start({ app, args: ["-w", "1"] });
  await get(`${server.url}/print/1`);
  await until("what was printed", () => /out 1\n/.test(server.output()));
  await until("what was printed", () => /^err 1\n/m.test(server.errors()));
});

capture("it is written whatever the level is, also as text", async (lab) => {
  const server = await lab.start({
    app,
    args: ["-w", "1", "--capture-output"],
  });
  const pid = Number(await get(`${server.url}/print/1`));
  await server.waitForLog(new RegExp(`\\[${pid}\\] \\[STDOUT\\] out 1\n`));
  await server.waitForLog(new RegExp(`\\[${pid}\\] \\[STDERR\\] err 1\n`));
  assert.is(server.output(), "");
});

capture(
  "a flood is taken whole, in order, and in little memory",
  async (lab) => {
    const { server, printed } = await start(lab);
    const before = peakOf(server.pid);
    const lines = 40_000;
    await get(`${server.url}/flood/${lines}`, "--max-time", "30");
    const numbers = () =>
      printed().flatMap(({ message }) =>
        /^flood (\d+) x{1000}$/.exec(message)?.[1] ?? []
      );
    await server.waitForLog(new RegExp(`flood ${lines} x`));
    assert.equal(
      numbers().map(Number),
      Array.from({ length: lines }, (_, index) => index + 1),
    );
    const grown = peakOf(server.pid) - before;
    assert.ok(grown < 120 * 2 ** 20, `the arbiter grew by ${grown} bytes`);
    assert.not.match(server.log(), /killing|silent/i);
    assert.is(server.workers().length, 1);
  },
);

capture("a child of a worker may print on and outlive it", async (lab) => {
  const { server, printed, message } = await start(lab);
  await get(`${server.url}/child`);
  const child = await until(
    "the child",
    () =>
      printed().flatMap((one) =>
        /^child (\d+)$/.exec(one.message)?.[1] ?? []
      )[0],
  );
  const [worker = 0] = server.workers();
  process.kill(worker, "SIGKILL");
  await server.waitForLog(/was killed by SIGKILL/);
  process.kill(Number(child), "SIGTERM");
  assert.is((await message("child again")).pid, worker);
  await server.waitForLog(/ready in [^]*ready in/);
  assert.is((await server.stop()).code, 0);
});

/** A program that calls serve(), logs to a file and asks for a path. */
function runLogged(lab: Lab, path: string): Command {
  const logFile = join(lab.folder, "corn.log");
  lab.forgive(logFile);
  return lab.run({
    script: "tests/fixtures/logged.ts",
    args: [app, logFile, path],
    logFile,
  });
}

capture(
  "a program that calls serve() has it too, and comes to its end",
  async (lab) => {
    const program = runLogged(lab, "/print/1");
    assert.is((await within("its end", program.ended)).code, 0);
    assert.is(program.output(), "stopped\n");
    assert.is(program.errors(), "");
    const messages = program.log().split("\n").slice(0, -1).map((line) =>
      JSON.parse(line).message
    );
    for (const text of ["loaded", "out 1", "err 1", "Stopped"]) {
      assert.ok(messages.includes(text), text);
    }
  },
);

capture("a child of a worker does not keep such a program", async (lab) => {
  const program = runLogged(lab, "/child");
  const [, child] = await program.waitForLog(/"child (\d+)"/);
  assert.is((await within("its end", program.ended)).code, 0);
  process.kill(Number(child), "SIGKILL");
});

capture("an upgrade and a reload go on with it", async (lab) => {
  const { server, message } = await start(lab);
  server.signal("SIGHUP");
  await server.waitForLog(/Reload done/);
  await get(`${server.url}/print/reloaded`);
  await message("out reloaded");
  const heir = await upgrade(server, server.pid);
  await promote(server, server.pid);
  await get(`${server.url}/print/upgraded`);
  await message("err upgraded");
  await heir.stop();
});

capture.run();
