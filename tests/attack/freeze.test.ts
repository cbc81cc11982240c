import * as assert from "../support/assert.ts";
import { get } from "../support/client/curl.ts";
import { signalIfAlive } from "../support/machine/proc.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import { sleep, until } from "../support/wait.ts";

const freeze = promises("a server that is stopped for a while");
const app = fixture("app.ts");

/** Signals those that are still there. */
function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    signalIfAlive(pid, name);
  }
}

/** Stops the arbiter, or all, for longer than a worker may be silent and a drain may last. */
async function stop(lab: Lab, all: boolean): Promise<void> {
  const server = await lab.start({
    app,
    args: ["-w", "2", "-t", "2", "--graceful-timeout", "3"],
  });
  const answer = get(`${server.url}/stream/4?ms=700`);
  await sleep(300);
  const old = server.workers();
  server.signal("SIGHUP");
  await server.waitForLog(/Reload done/);
  const pids = all ? [server.pid, ...server.workers()] : [server.pid];
  const from = server.log().length;
  signal(pids, "SIGSTOP");
  await sleep(3500);
  signal(pids, "SIGCONT");
  assert.is(await answer, "part 0\npart 1\npart 2\npart 3\n");
  await until(
    "the old workers to leave",
    () => !server.workers().some((pid) => old.includes(pid)),
  );
  const now = server.workers();
  assert.is(now.length, 2);
  await sleep(500);
  assert.equal(server.workers(), now);
  const log = server.log().slice(from);
  assert.not.match(log, /silent|killing|killed|Cut|CRITICAL|ERROR/);
}

freeze("ends no worker and cuts no drain, whoever was stopped", async (lab) => {
  await Promise.all([stop(lab, false), stop(lab, true)]);
});

freeze.run();
