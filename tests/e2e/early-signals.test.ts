import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import * as assert from "../support/assert.ts";
import { get } from "../support/client/curl.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import type { Command } from "../support/process/server.ts";
import { until, within } from "../support/wait.ts";

const early = promises("signals while corn starts");
const app = fixture("app.ts");

/** A corn whose `onStarting` runs until its file is there, or for ever. */
async function starting(lab: Lab): Promise<Command & { goOn(): void }> {
  const file = join(lab.folder, "corn.config.mjs");
  lab.write(
    "corn.config.mjs",
    `import { existsSync, writeFileSync, appendFileSync } from "node:fs";
const say = (text) => appendFileSync("hooks.log", text + "\\n");
export default {
  async onStarting() {
    say("onStarting");
    while (!existsSync("go")) await new Promise((r) => setTimeout(r, 20));
  },
  onExit: () => say("onExit"),
};\n`,
  );
  for (const name of ["hooks.log", "go"]) lab.forgive(join(lab.folder, name));
  const command = lab.run({
    app,
    cwd: lab.folder,
    args: ["-c", file, "-w", "1", "--pid", "corn.pid", "--hook-timeout", "60"],
  });
  await until(
    "the hook to run",
    () => existsSync(join(lab.folder, "hooks.log")),
  );
  return { ...command, goOn: () => void lab.write("go", "") };
}

const hooksOf = ({ folder }: Lab) =>
  readFileSync(join(folder, "hooks.log"), "utf8").trim().split("\n");

early("orders are obeyed once there are workers", async (lab) => {
  const command = await starting(lab);
  for (const signal of ["SIGHUP", "SIGTTIN", "SIGUSR1"] as const) {
    command.signal(signal);
  }
  assert.is(command.ending(), undefined);
  command.goOn();
  await command.waitForLog(/Pool size is now 2/);
  await command.waitForLog(/Reload done/);
  const [, url = ""] = await command.waitForLog(/Listening at (http\S+)/);
  assert.is(await get(url), "ok\n");
  command.signal("SIGTERM");
  assert.is((await within("its end", command.ended)).code, 0);
});

early("USR2 starts another arbiter", async (lab) => {
  const command = await starting(lab);
  command.signal("SIGUSR2");
  command.goOn();
  const [, next] = await command.waitForLog(/Upgrade: pid (\d+) is ready/);
  process.kill(Number(next), "SIGTERM");
  await command.waitForLog(/Upgrade undone/);
  command.signal("SIGTERM");
  assert.is((await within("its end", command.ended)).code, 0);
});

early("TERM ends it after onStarting, and leaves no pid file", async (lab) => {
  const command = await starting(lab);
  assert.ok(existsSync(join(lab.folder, "corn.pid")));
  command.signal("SIGTERM");
  command.goOn();
  assert.is((await within("its end", command.ended)).code, 0);
  assert.not.ok(existsSync(join(lab.folder, "corn.pid")));
  assert.equal(hooksOf(lab), ["onStarting", "onExit"]);
  assert.not.match(command.log(), /ready/);
});

for (const signals of [["SIGINT"], ["SIGTERM", "SIGTERM"]] as const) {
  early(`${signals.join(" and ")} wait for no hook`, async (lab) => {
    const command = await starting(lab);
    for (const signal of signals) {
      const from = command.log().length;
      command.signal(signal);
      // Linux merges equal signals that wait.
      const line = new RegExp(`Got ${signal} at the start`);
      await command.waitForLog(line, { from });
    }
    assert.is((await within("its end", command.ended)).code, 0);
    assert.not.ok(existsSync(join(lab.folder, "corn.pid")));
  });
}

early("signals to the very end take no exit code from it", async (lab) => {
  const server = await lab.start({
    app,
    args: [
      ...["-w", "1", "--pid", join(lab.folder, "corn.pid")],
      ...["--log-level", "debug"],
    ],
  });
  server.signal("SIGTERM");
  // Two signals that wait come in any order, and a USR2 before TERM is obeyed.
  await server.waitForLog(/Got SIGTERM/);
  const storm = setInterval(() => {
    for (const name of ["SIGHUP", "SIGTERM", "SIGUSR2"] as const) {
      try {
        server.signal(name);
      } catch {
        // It has ended.
      }
    }
  }, 1);
  try {
    assert.equal(await within("its end", server.ended), {
      code: 0,
      signal: null,
    });
  } finally {
    clearInterval(storm);
  }
  assert.match(server.log(), / Stopped\n/);
  assert.not.match(server.log(), /Upgrade begins/);
});

early.run();
