import process from "node:process";
import * as assert from "uvu/assert";
import { get } from "../support/curl.ts";
import { alive } from "../support/proc.ts";
import { fixture, promises } from "../support/promise.ts";
import { sleep, until } from "../support/wait.ts";

const freeze = promises("a server that is stopped for a while");
const app = fixture("app.ts");

/** Signals those that are still there. */
function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    if (alive(pid)) process.kill(pid, name);
  }
}

for (const all of [false, true]) {
  const what = all ? "arbiter and workers" : "the arbiter";
  freeze(
    `a freeze of ${what} ends no worker and cuts no drain`,
    async (lab) => {
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
      await sleep(4000);
      signal(pids, "SIGCONT");
      assert.is(await answer, "part 0\npart 1\npart 2\npart 3\n");
      await until(
        "the old workers to leave",
        () => !server.workers().some((pid) => old.includes(pid)),
      );
      const now = server.workers();
      assert.is(now.length, 2);
      await sleep(1000);
      assert.equal(server.workers(), now);
      const log = server.log().slice(from);
      assert.not.match(log, /silent|killing|killed|Cut|CRITICAL|ERROR/);
    },
  );
}

freeze.run();
