import { join } from "node:path";
import process from "node:process";
import * as assert from "../support/assert.ts";
import { HOOKS } from "../../src/hooks/names.ts";
import { hookFile, hookLines } from "../fixtures/hooks.ts";
import type { HookFile } from "../fixtures/hooks.ts";
import { curl, get } from "../support/client/curl.ts";
import { runtimeName } from "../support/process/command.ts";
import { promote, upgrade } from "../support/process/heir.ts";
import { commandOf } from "../support/machine/proc.ts";
import { fixture, type Lab, promises } from "../support/promise.ts";
import type { Server } from "../support/process/server.ts";
import { sleep, until } from "../support/wait.ts";
import { who } from "../support/client/who.ts";

const hooks = promises("hooks");
const app = fixture("app.ts");

/** Everything but what a request calls. */
const LIFE = HOOKS.filter((name) => !/Request$/.test(name));

async function serve(
  lab: Lab,
  { names = HOOKS, file, args = [], app: own = app }: {
    names?: typeof HOOKS;
    file?: HookFile;
    args?: readonly string[];
    app?: string;
  } = {},
): Promise<Server> {
  lab.write("corn.config.mjs", hookFile(names, file));
  lab.forgive(join(lab.folder, "hooks.log"));
  return await lab.start({
    app: own,
    args: ["-w", "1", ...args],
    cwd: lab.folder,
  });
}

/** Waits for a line after the ones that were seen, and gives all since. */
async function linesTo(lab: Lab, last: RegExp, from = 0): Promise<string[]> {
  return await until(`${last} among ${from} lines`, () => {
    const lines = hookLines(lab.folder).slice(from);
    return lines.some((line) => last.test(line)) ? lines : undefined;
  });
}

const BOOT = (generation: number) => [
  `preFork arbiter worker=1/${generation} new`,
  `postFork worker=1/${generation}`,
  `postWorkerInit worker=1/${generation}`,
  `workerReady arbiter worker=1/${generation} started`,
];

hooks("run in order through start, request and stop", async (lab) => {
  const server = await serve(lab);
  assert.equal(await linesTo(lab, /^whenReady/), [
    "onStarting arbiter",
    "nworkersChanged arbiter undefined to 1",
    ...BOOT(1),
    "whenReady arbiter",
  ]);
  const from = hookLines(lab.folder).length;
  assert.is(await get(`${server.url}/echo`), "");
  assert.is((await curl(`${server.url}/throw`)).status, 500);
  assert.equal(await linesTo(lab, /thrown by the app/, from), [
    "preRequest worker=1/1 GET /echo",
    "postRequest worker=1/1 GET /echo 200 number",
    "preRequest worker=1/1 GET /throw",
    "postRequest worker=1/1 GET /throw 500 number thrown by the app",
  ]);
  const { code } = await server.stop();
  assert.is(code, 0);
  assert.equal(hookLines(lab.folder).slice(from + 4), [
    "workerExit worker=1/1",
    "childExit arbiter worker=1/1 started code 0",
    "onExit arbiter",
  ]);
});

hooks("run in order through a reload, and one that fails", async (lab) => {
  lab.write("app.mjs", "export default () => new Response('one');\n");
  const server = await serve(lab, { names: LIFE, app: "app.mjs" });
  let from = (await linesTo(lab, /^whenReady/)).length;
  server.signal("SIGHUP");
  assert.equal(await linesTo(lab, /^childExit/, from), [
    "onReload arbiter",
    ...BOOT(2),
    "workerExit worker=1/1",
    "childExit arbiter worker=1/1 started code 0",
  ]);

  from = hookLines(lab.folder).length;
  lab.write("app.mjs", "throw new Error('bad app');\n");
  server.signal("SIGHUP");
  const lines = await linesTo(lab, /^reloadFailed/, from);
  assert.equal(lines.slice(0, 5), [
    "onReload arbiter",
    "preFork arbiter worker=1/3 new",
    "postFork worker=1/3",
    "workerExit worker=1/3",
    "childExit arbiter worker=1/3 started code 4",
  ]);
  assert.match(lines[5] ?? "", /^reloadFailed arbiter Reload failed: /);

  from = hookLines(lab.folder).length;
  lab.write("corn.config.mjs", "export default { wrokers: 1 };\n");
  server.signal("SIGHUP");
  assert.match(
    (await linesTo(lab, /^reloadFailed/, from)).join(),
    /^reloadFailed arbiter Cannot use "wrokers" from corn.config.mjs/,
  );
  assert.is(await get(server.url), "one");
});

hooks("a reload re-reads them, in arbiter and worker", async (lab) => {
  const server = await serve(lab, { names: ["preFork", "postFork"] });
  const from = hookLines(lab.folder).length;
  lab.write("corn.config.mjs", hookFile(["postWorkerInit", "childExit"]));
  server.signal("SIGHUP");
  await server.waitForLog(/Reload done/);
  await until("the old worker to leave", () => server.workers().length === 1);
  assert.equal(hookLines(lab.folder).slice(from), [
    "postWorkerInit worker=1/2",
  ]);
});

hooks("run in order through a crash, TTIN, TTOU and QUIT", async (lab) => {
  const server = await serve(lab, { names: LIFE });
  let from = (await linesTo(lab, /^whenReady/)).length;
  process.kill(server.workers()[0] as number, "SIGKILL");
  assert.equal(await linesTo(lab, /^workerReady/, from), [
    "childExit arbiter worker=1/1 started SIGKILL",
    ...BOOT(1),
  ]);

  from = hookLines(lab.folder).length;
  server.signal("SIGTTIN");
  assert.equal(await linesTo(lab, /^workerReady/, from), [
    "nworkersChanged arbiter 1 to 2",
    ...BOOT(1).map((line) => line.replace("=1/", "=2/")),
  ]);
  from = hookLines(lab.folder).length;
  server.signal("SIGTTOU");
  assert.equal(await linesTo(lab, /^childExit/, from), [
    "nworkersChanged arbiter 2 to 1",
    "workerExit worker=2/1",
    "childExit arbiter worker=2/1 started code 0",
  ]);

  from = hookLines(lab.folder).length;
  const { code } = await server.stop("SIGQUIT");
  assert.is(code, 0);
  assert.equal(hookLines(lab.folder).slice(from), [
    "workerInt worker=1/1",
    "workerExit worker=1/1",
    "childExit arbiter worker=1/1 started code 0",
    "onExit arbiter",
  ]);
});

hooks("workerAbort runs at ABRT where the event loop turns", async (lab) => {
  const server = await serve(lab, {
    names: ["workerAbort", "workerExit", "childExit"],
  });
  process.kill(server.workers()[0] as number, "SIGABRT");
  assert.equal(await linesTo(lab, /^childExit/), [
    "workerAbort worker=1/1",
    "workerExit worker=1/1",
    "childExit arbiter worker=1/1 started code 1",
  ]);
  await server.waitForLog(/Worker 1 .* exited with code 1/);
});

hooks("preFork adds environment and runtime arguments", async (lab) => {
  const added = {
    node: ["--stack-size=900", () => / --stack-size=900 /],
    bun: ["--smol", () => / --smol /],
    deno: [
      "--v8-flags=--stack-size=900",
      () => / --v8-flags=--stack-size=900 /,
    ],
  } as const;
  const [arg, expected] = added[runtimeName];
  const server = await serve(lab, {
    names: ["preFork"],
    file: {
      bodies: {
        preFork:
          `return { env: { TEST_SLOT: "slot " + worker.slot }, args: ["${arg}"] };`,
      },
    },
  });
  const { env } = await who(server.url) as unknown as {
    env: Record<string, string>;
  };
  assert.is(env.TEST_SLOT, "slot 1");
  assert.match(commandOf(server.workers()[0] as number), expected());
});

hooks("what throws is logged by name, and corn serves on", async (lab) => {
  const throwing = HOOKS.filter((name) =>
    name !== "onStarting" && name !== "preExec" && name !== "preRequest"
  );
  const server = await serve(lab, {
    names: throwing,
    file: {
      bodies: Object.fromEntries(
        throwing.map((name) => [name, `throw new Error("no ${name}");`]),
      ),
    },
  });
  assert.is(await get(server.url), "ok\n");
  server.signal("SIGHUP");
  await server.waitForLog(/Reload done/);
  assert.is(await get(server.url), "ok\n");
  await server.waitForLog(/Hook childExit failed/);
  const from = server.log().length;
  server.signal("SIGUSR1");
  lab.write("corn.config.mjs", "export default { wrokers: 1 };\n");
  server.signal("SIGHUP");
  await server.waitForLog(/Hook reloadFailed failed/, { from });
  const { code } = await server.stop("SIGQUIT");
  assert.is(code, 0);
  for (const name of throwing) {
    if (name === "workerAbort") continue;
    assert.match(
      server.log(),
      new RegExp(`Hook ${name} failed\\n +Error: no ${name}`),
    );
  }
});

hooks("onStarting that throws ends the start", async (lab) => {
  lab.write(
    "corn.config.mjs",
    hookFile(["onStarting", "preFork", "onExit"], {
      bodies: { onStarting: 'throw new Error("no database");' },
    }),
  );
  lab.forgive(join(lab.folder, "hooks.log"));
  const command = lab.run({ app, cwd: lab.folder });
  assert.is((await command.ended).code, 1);
  assert.match(command.log(), /corn: Hook onStarting failed: no database/);
  assert.equal(hookLines(lab.folder), ["onStarting arbiter"]);
});

hooks("preRequest that throws is answered with 500", async (lab) => {
  const server = await serve(lab, {
    names: ["preRequest", "postRequest"],
    file: {
      bodies: {
        preRequest:
          'if (request.url.endsWith("/no")) throw new Error("not you");',
      },
    },
  });
  assert.is((await curl(`${server.url}/no`)).status, 500);
  await server.waitForLog(/Hook preRequest failed\n +Error: not you/);
  assert.is(await get(server.url), "ok\n");
  assert.match(
    (await linesTo(lab, /GET \/ 200/)).join("\n"),
    /postRequest worker=1\/1 GET \/no 500/,
  );
});

hooks("preExec that throws refuses the upgrade", async (lab) => {
  const server = await serve(lab, {
    names: ["preExec"],
    file: { bodies: { preExec: 'throw new Error("not now");' } },
  });
  server.signal("SIGUSR2");
  await server.waitForLog(
    /Upgrade refused, nothing changes: Hook preExec failed: not now/,
  );
  assert.is(await get(server.url), "ok\n");
});

hooks("what hangs is left behind when its time is over", async (lab) => {
  const hanging = HOOKS.filter((name) => name !== "preExec");
  const server = await serve(lab, {
    names: hanging,
    file: {
      bodies: Object.fromEntries(
        hanging.map((name) => [name, "await sleep(60_000);"]),
      ),
    },
    args: ["--hook-timeout", "200ms"],
  });
  assert.is(await get(server.url), "ok\n");
  const from = server.log().length;
  server.signal("SIGHUP");
  await server.waitForLog(/Reload done/, { from });
  assert.is(await get(server.url), "ok\n");
  const { code } = await server.stop();
  assert.is(code, 0);
  for (
    const name of [
      "onStarting",
      "nworkersChanged",
      "preFork",
      "postFork",
      "postWorkerInit",
      "workerReady",
      "whenReady",
      "preRequest",
      "postRequest",
      "onReload",
      "workerExit",
      "childExit",
      "onExit",
    ]
  ) {
    assert.match(
      server.log(),
      new RegExp(
        `Hook ${name} is not done within 0.2 s: corn goes on without it`,
      ),
    );
  }
});

hooks("what a hook leaves running ends nothing", async (lab) => {
  const server = await serve(lab, {
    names: ["whenReady", "postWorkerInit"],
    file: {
      bodies: {
        whenReady: `
          setTimeout(() => { throw new Error("in a timer"); }, 0);
          Promise.reject(new Error("in a promise"));`,
      },
    },
  });
  await server.waitForLog(/Uncaught error in the arbiter[^]*in a timer/);
  await server.waitForLog(/Uncaught error in the arbiter[^]*in a promise/);
  assert.is(await get(server.url), "ok\n");
  assert.is((await server.stop()).code, 0);
});

hooks("run in order through an upgrade", async (lab) => {
  const server = await serve(lab, {
    names: ["onStarting", "whenReady", "preExec", "onExit"],
  });
  const from = (await linesTo(lab, /^whenReady/)).length;
  const heir = await upgrade(server, server.pid);
  await promote(server, server.pid);
  assert.is((await server.ended).code, 0);
  assert.is(await get(server.url), "ok\n");
  await heir.stop();
  assert.equal(hookLines(lab.folder).slice(from), [
    "preExec arbiter",
    "onStarting arbiter",
    "whenReady arbiter",
    "onExit arbiter",
    "onExit arbiter",
  ]);
});

hooks("deciding goes on while a hook takes its time", async (lab) => {
  const server = await serve(lab, {
    names: ["whenReady", "workerReady"],
    file: {
      bodies: {
        whenReady: "await sleep(60_000);",
        workerReady: "await sleep(60_000);",
      },
    },
    args: ["--hook-timeout", "3s"],
  });
  process.kill(server.workers()[0] as number, "SIGKILL");
  await server.waitForLog(/Worker 1 .* was killed[^]*Worker 1 .* ready/);
  assert.is(await get(server.url), "ok\n");
  assert.not.match(server.log(), /is not done within/);
  // The second stop does not wait for hooks that are open.
  server.signal("SIGTERM");
  await server.waitForLog(/Worker 1 .* left/);
  // One that comes sooner is taken for the first.
  await sleep(200);
  server.signal("SIGTERM");
  await server.waitForLog(/Stopped/, { ms: 2000 });
});

hooks("a worker that waits for its preFork can be given up", async (lab) => {
  const server = await serve(lab, {
    names: ["preFork"],
    file: { bodies: { preFork: "if (worker.slot > 1) await sleep(60_000);" } },
    args: ["--hook-timeout", "1m"],
  });
  server.signal("SIGTTIN");
  await linesTo(lab, /worker=2\/1/);
  server.signal("SIGTTOU");
  await server.waitForLog(/Worker 2 left/);
  assert.is((await server.stop()).code, 0);
});

hooks("a mistyped name is refused with the nearest right one", async (lab) => {
  const cases = [
    ["preforks() {}", /"preforks" .*, did you mean preFork\?/],
    ["on_exit() {}", /"on_exit" .*is onExit, a function in the config/],
    ["onExit: true", /Cannot use onExit true .*: give a function/],
    ["sslContext() {}", /"sslContext" .*ssl_context: .* are --sni/],
  ] as const;
  for (const [member, message] of cases) {
    lab.write("corn.config.mjs", `export default { ${member} };\n`);
    const command = lab.run({ app, cwd: lab.folder });
    assert.is((await command.ended).code, 1);
    assert.match(command.log(), message);
  }
});

hooks.run();
