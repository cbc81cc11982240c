// runtimes: deno
import * as assert from "../support/assert.ts";
import { get } from "../support/client/curl.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import { within } from "../support/wait.ts";

const permissions = promises("permissions of Deno");

/** Says by /write, /net, /run and /ffi what it may do. */
const APP = `
const tries = {
  "/write": () => Deno.writeTextFileSync("written.txt", ""),
  "/net": () => Deno.listen({ hostname: "127.0.0.1", port: 0 }).close(),
  "/run": () => new Deno.Command("true").outputSync(),
  "/ffi": () => Deno.dlopen("libc.so.6", {}).close(),
  "/read": () => Deno.readTextFileSync("/etc/hostname"),
};
export default {
  fetch(request) {
    try {
      tries[new URL(request.url).pathname]();
      return new Response("may");
    } catch (error) {
      return new Response(error.name);
    }
  },
};
`;

/** What docs/deno.md names for workers; auto takes the wire engine for them. */
const SMALLEST = ["--allow-env", "--allow-read=."];

async function end({ run }: Lab, options: Parameters<Lab["run"]>[0]) {
  const command = run(options);
  const { code } = await within("the end", command.ended);
  return { code, log: command.log() };
}

permissions("a worker may do no more than --worker-args says", async (lab) => {
  const app = lab.write("app.ts", APP);
  const start = (...more: string[]) =>
    lab.start({
      app,
      cwd: lab.folder,
      args: ["-w", "2", "--slow-loop", "0", "--worker-args"].concat(
        [...SMALLEST, ...more].join(" "),
      ),
    });
  const small = await start();
  for (const path of ["write", "net", "run", "ffi", "read"]) {
    assert.is(await get(`${small.url}/${path}`), "NotCapable", path);
  }
  assert.not.match(small.log(), /WARNING|ERROR/);
  await small.stop();
  const wider = await start("--allow-net=127.0.0.1");
  assert.is(await get(`${wider.url}/net`), "may");
  assert.is(await get(`${wider.url}/write`), "NotCapable");
});

permissions(
  "the native engine binds for itself without all, and says so",
  async (lab) => {
    const server = await lab.start({
      app: fixture("app.ts"),
      args: ["-w", "2", "--http", "native", "--worker-args"].concat(
        `--allow-env --allow-read --allow-net`,
      ),
    });
    assert.is(await get(server.url), "ok\n");
    assert.match(
      server.log(),
      /WARNING\] Cannot accept from inherited sockets .* --http wire needs none/,
    );
  },
);

permissions("a worker that lacks one says which", async (lab) => {
  const app = lab.write("app.ts", APP);
  const cases: [string, number, RegExp][] = [
    [
      "--allow-read",
      1,
      /^corn: Cannot run on Deno without --allow-env: add it to --worker-args$/m,
    ],
    [
      "--allow-env",
      4,
      /Requires read access to ".*app\.ts", run again with the --allow-read flag$/m,
    ],
  ];
  for (const [given, wanted, pattern] of cases) {
    const { code, log } = await end(lab, {
      app,
      args: ["-w", "1", "--http", "wire", "--worker-args", given],
    });
    assert.is(code, wanted, log);
    assert.match(log, pattern);
  }
});

permissions("an arbiter that lacks one says which, in a line", async (lab) => {
  const all = ["--allow-env", "--allow-read", "--allow-run", "--allow-sys=uid"];
  const start = (...flags: string[]) =>
    end(lab, {
      permissions: flags,
      args: ["--version"],
      defaults: false,
    });
  const { code } = await start(...all);
  assert.is(code, 0);
  for (const missing of all) {
    const { code, log } = await start(...all.filter((one) => one !== missing));
    assert.is(code, 1, log);
    assert.match(
      log,
      new RegExp(`^corn: Cannot run on Deno without ${missing}: [^\n]*\n$`),
    );
  }
});

permissions("an arbiter with the smallest set serves", async (lab) => {
  const flags = ["--no-prompt", "--allow-env", "--allow-read", "--allow-run"]
    .concat("--allow-sys=uid", "--allow-ffi");
  const server = await lab.start({
    app: fixture("app.ts"),
    permissions: flags,
    args: ["-w", "2"],
  });
  assert.is(await get(server.url), "ok\n");
});

permissions.run();
