import process from "node:process";
import * as assert from "../support/assert.ts";
import { runtimeName } from "../support/process/command.ts";
import { curl } from "../support/client/curl.ts";
import { attach, inspectorUrl } from "../support/client/debugger.ts";
import type { Debugger } from "../support/client/debugger.ts";
import { freePort } from "../support/machine/ports.ts";
import { alive } from "../support/machine/proc.ts";
import { promises } from "../support/promise.ts";
import type { Server } from "../support/process/server.ts";
import { until } from "../support/wait.ts";

const inspect = promises("--inspect");

/** Stops where a debugger is attached, and says in which worker it ran. */
const APP = `
const slot = process.env.CORN_WORKER_ID;
export default {
  fetch() {
    debugger;
    return new Response(slot);
  },
};
`;

/** Lets `debugger` statements stop, on V8 and on WebKit. */
async function listen(to: Debugger): Promise<void> {
  await to.call("Debugger.enable");
  if (runtimeName === "bun") {
    await to.call("Debugger.setBreakpointsActive", { active: true });
    await to.call("Debugger.setPauseOnDebuggerStatements", { enabled: true });
  }
}

/** The pid of a slot's last worker that was ready. */
function pidOf({ log }: Server, slot: number): number {
  const [last] = [
    ...log().matchAll(new RegExp(`Worker ${slot} \\(pid (\\d+)\\) ready`, "g")),
  ]
    .slice(-1);
  return Number(last?.[1]);
}

inspect(
  "a worker at a breakpoint is not killed, the others are not inspected",
  async (lab) => {
    const port = await freePort();
    const server = await lab.start({
      app: lab.write("app.ts", APP),
      args: ["-w", "2", "-t", "1", `--inspect=127.0.0.1:${port}`],
    });
    assert.match(
      server.log(),
      `Worker 1 (pid ${
        pidOf(server, 1)
      }) takes a debugger at 127.0.0.1:${port}`,
    );
    const tool = await attach(await inspectorUrl(port, server.log));
    await listen(tool);
    const answers: string[] = [];
    let stopped = false;
    void tool.event("Debugger.paused").then(() => stopped = true);
    // One of them comes to worker 1 and stays there.
    const asked = until("worker 1 at a breakpoint", async () => {
      const asking = curl(server.url, "--max-time", "60").then(({ body }) =>
        answers.push(body)
      );
      await Promise.race([asking, tool.event("Debugger.paused")]);
      return stopped;
    });
    await asked;
    // So long may one be silent who is not inspected.
    const second = pidOf(server, 2);
    process.kill(second, "SIGSTOP");
    await server.waitForLog(/Worker 2 .* silent for .* killing it/);
    assert.ok(alive(pidOf(server, 1)));
    assert.not.match(server.log(), /Worker 1 .* silent/);
    await tool.call("Debugger.resume");
    await until("the answer of worker 1", () => answers.includes("1"));
    tool.close();
  },
);

inspect("a reload inspects the new worker at the next port", async (lab) => {
  const port = await freePort();
  const server = await lab.start({
    app: lab.write("app.ts", APP),
    args: ["-w", "1", `--inspect=127.0.0.1:${port}`],
  });
  await inspectorUrl(port, server.log);
  for (const next of [port + 1, port]) {
    const from = server.log().length;
    server.signal("SIGHUP");
    await server.waitForLog(/Reload done/, { from });
    await server.waitForLog(/Worker 1 .* left/, { from });
    const tool = await attach(
      await inspectorUrl(next, () => server.log().slice(from)),
    );
    await listen(tool);
    tool.close();
  }
});

inspect("the debugger has no port at which corn serves", async (lab) => {
  const port = await freePort();
  const server = await lab.start({
    app: lab.write("app.ts", APP),
    args: ["-w", "2", "-b", `127.0.0.1:${port}`, `--inspect=127.0.0.1:${port}`],
  });
  const tool = await attach(await inspectorUrl(port + 1, server.log));
  tool.close();
  assert.match((await curl(`http://127.0.0.1:${port}/`)).body, /^[12]$/);
});

inspect("--inspect-brk waits for the debugger", async (lab) => {
  const port = await freePort();
  const server = lab.run({
    app: lab.write("app.ts", APP),
    args: ["-w", "2", `--inspect-brk=127.0.0.1:${port}`],
  });
  await server.waitForLog(/Worker 2 .* ready/);
  assert.not.match(server.log(), /Worker 1 .* ready/);
  const tool = await attach(await inspectorUrl(port, server.log));
  await tool.call("Debugger.enable");
  if (runtimeName === "bun") {
    // It waits for the debugger, and then stops nowhere (1.4.5).
    await tool.call("Inspector.initialized");
  } else {
    await tool.call("Runtime.runIfWaitingForDebugger");
    await tool.event("Debugger.paused");
    await tool.call("Debugger.resume");
  }
  await server.waitForLog(/Worker 1 .* ready/);
  tool.close();
});

inspect.run();
