import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "../support/assert.ts";
import { runtimeName } from "../support/process/command.ts";
import { findProgram } from "../support/machine/program.ts";
import { freePort } from "../support/machine/ports.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import { makeReader } from "../support/process/stuck.ts";
import type { ReaderKind } from "../support/process/stuck.ts";
import { until, within } from "../support/wait.ts";

const stuck = promises("a reader of the log that is stuck");

/** More than a socket's room and corn's own, in requests of 3 KB. */
const REQUESTS = 400;
const TARGET = `/?${"x".repeat(3000)}`;

/** Asks eight at a time. */
async function ask(url: string, count: number): Promise<void> {
  let next = 0;
  const client = async () => {
    while (next++ < count) {
      const answer = await within("a response", fetch(url), 20_000);
      await answer.arrayBuffer();
      assert.is(answer.status, 200);
    }
  };
  await Promise.all(Array.from({ length: 8 }, client));
}

const O_NONBLOCK = 0o4000;

/** Whether the standard output of a process does not wait, see proc_pid_fdinfo(5). */
function isNonBlocking(pid: number): boolean {
  const info = readFileSync(`/proc/${pid}/fdinfo/1`, "utf8");
  const flags = parseInt(/^flags:\s*(\d+)/m.exec(info)?.[1] ?? "", 8);
  return (flags & O_NONBLOCK) !== 0;
}

interface Load {
  readonly app?: string;
  readonly workers?: number;
  readonly requests?: number;
  readonly args: readonly string[];
}

/** Requests go on while nobody reads, the log tells what is missing once somebody does, and TERM is obeyed. */
async function prove(
  lab: Lab,
  kind: ReaderKind,
  { app = fixture("app.ts"), workers = 2, requests = REQUESTS, args }: Load,
): Promise<string> {
  await using reader = await makeReader(kind, lab.folder);
  lab.forgive(join(lab.folder, "reader"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const command = lab.run({
    app,
    wrapper: reader.wrapper,
    args: ["-b", `127.0.0.1:${port}`, "-w", `${workers}`, ...args],
  });
  const readUntil = (pattern: RegExp, from = 0) =>
    until(
      `${pattern} in what is read`,
      () => pattern.test(reader.read().slice(from)),
      30_000,
    );
  await readUntil(new RegExp(`( ready in [^]*){${workers}}`));
  await ask(url + TARGET, requests);
  const from = reader.read().length;
  await readUntil(/(is|are) (missing|lost)/, from);
  await ask(url + TARGET, requests);
  // A shell that reads from its terminal would find it so.
  if (kind === "own-terminal") assert.not.ok(isNonBlocking(command.pid));
  command.signal("SIGTERM");
  const ending = await within("the end after TERM", command.ended, 15_000);
  assert.equal(ending, { code: 0, signal: null });
  return reader.read();
}

const hasPython = findProgram("python3") !== undefined;

for (const kind of ["pipe", "socket"] as const) {
  stuck(`holds up neither requests nor TERM on a ${kind}`, async (lab) => {
    if (!hasPython) return lab.skip("there is no python3");
    await prove(lab, kind, {
      args: ["--access-logfile", "-", "--max-requests", "100"],
    });
  }, { deadlineMs: 120_000 });
}

for (const kind of ["terminal", "own-terminal"] as const) {
  const what = kind === "terminal" ? "a terminal" : "its session's terminal";
  stuck(`holds up nothing on ${what} that it may not open`, async (lab) => {
    if (!hasPython) return lab.skip("there is no python3");
    await prove(lab, kind, {
      workers: 1,
      requests: 150,
      args: ["--access-logfile", "-"],
    });
  });
}

/** An app that prints more than a pipe takes. */
const PRINTS = `export default {
  fetch() {
    console.log("x".repeat(3000));
    return new Response("ok");
  },
};
`;

stuck("holds up no app that prints with --capture-output", async (lab) => {
  if (!hasPython) return lab.skip("there is no python3");
  await prove(lab, "pipe", {
    app: lab.write("app.mjs", PRINTS),
    args: ["--capture-output", "--max-requests", "200"],
  });
}, { deadlineMs: 120_000 });

// console.log() of Bun 1.4.5 and Deno 2.9.5 waits for its reader, whatever the descriptor's flags are.
if (runtimeName === "node") {
  stuck("holds up no app of Node's that prints to a pipe", async (lab) => {
    if (!hasPython) return lab.skip("there is no python3");
    await prove(lab, "pipe", {
      app: lab.write("app.mjs", PRINTS),
      args: ["--access-logfile", "-", "--max-requests", "200"],
    });
  }, { deadlineMs: 120_000 });
}

stuck.run();
