import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import * as assert from "../support/assert.ts";
import { get } from "../support/client/curl.ts";
import { runtimeName } from "../support/process/command.ts";
import { inject } from "../support/machine/inject.ts";
import { alive } from "../support/machine/proc.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import type { Server } from "../support/process/server.ts";
import { until } from "../support/wait.ts";

const faults = promises("calls of the arbiter that fail");
const app = fixture("app.ts");

/** What still must work: answering, reloading, growing and stopping. */
async function expectWhole(server: Server, gone: number): Promise<void> {
  assert.is(server.ending(), undefined, "the arbiter lives");
  await until("two workers without the one that is gone", () => {
    const workers = server.workers().filter((pid) => pid !== gone);
    return workers.length === 2;
  });
  assert.is(await get(server.url), "ok\n");
  const from = server.log().length;
  server.signal("SIGHUP");
  await server.waitForLog(/Reload done/, { from });
}

async function hurt(
  lab: Lab,
  pattern: RegExp,
  ...calls: readonly string[]
): Promise<void> {
  const server = await lab.start({ app, args: ["-w", "2"] });
  const [victim = 0] = server.workers();
  const mend = await inject(server.pid, ...calls);
  if (mend === undefined) return lab.skip("there is no strace that may trace");
  process.kill(victim, "SIGKILL");
  await server.waitForLog(pattern);
  await mend();
  assert.not.match(server.log(), /undefined/, "the lines say why");
  await expectWhole(server, victim);
  assert.is((await server.stop("SIGTERM", 20_000)).code, 0);
}

faults(
  "no descriptor, no process, a lost end: workers are tried again",
  (lab) =>
    Promise.all([
      hurt(
        lab,
        /cannot be started|was killed by[^]* (exited|is gone)|exited with/,
        "socketpair,pipe2,fcntl:error=EMFILE",
        // Bun starts processes by vfork, and ends itself where it gets no
        // thread (1.4.5, BUN-THREAD-ABORT).
        `${
          runtimeName === "bun" ? "vfork" : "clone,clone3,vfork"
        }:error=EAGAIN`,
        "getcwd:error=ENOENT",
      ),
      hurt(
        lab,
        /Worker \d \(pid \d+\) (was killed|is gone)/,
        "wait4,waitid:error=EINTR:when=1",
      ),
    ]).then(() => {}),
);

faults(
  "a worker that may not be killed is given up with a line",
  async (lab) => {
    const server = await lab.start({ app, args: ["-w", "2", "-t", "2"] });
    const mend = await inject(server.pid, "kill:error=EPERM");
    if (mend === undefined) {
      return lab.skip("there is no strace that may trace");
    }
    const [victim = 0] = server.workers();
    process.kill(victim, "SIGSTOP");
    try {
      for (const signal of ["SIGABRT", "SIGKILL"]) {
        const line =
          `Cannot send ${signal} to worker \\d \\(pid ${victim}\\): [^\\n]*EPERM`;
        await server.waitForLog(new RegExp(line));
      }
      await server.waitForLog(/cannot be killed and is waited for no longer/);
      await mend();
      await expectWhole(server, victim);
    } finally {
      process.kill(victim, "SIGCONT");
    }
    // It finds that it was told to go.
    await until("its end", () => !alive(victim));
    assert.is((await server.stop("SIGTERM", 20_000)).code, 0);
  },
);

faults("a working folder that is gone ends nothing", async (lab) => {
  const folder = join(lab.folder, "release");
  mkdirSync(folder);
  const server = await lab.start({ app, args: ["-w", "2"], cwd: folder });
  rmSync(folder, { recursive: true });
  const [victim = 0] = server.workers();
  process.kill(victim, "SIGKILL");
  await server.waitForLog(
    /(cannot be started|exited with code|Worker \d \(pid \d+\) ready[^]*){2}/,
  );
  assert.is(server.ending(), undefined);
  assert.is(await get(server.url), "ok\n");
  assert.is((await server.stop("SIGTERM", 20_000)).code, 0);
});

faults.run();
