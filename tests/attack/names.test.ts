import { spawn } from "node:child_process";
import { once } from "node:events";
import { lstatSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import * as assert from "../support/assert.ts";
import { curl } from "../support/client/curl.ts";
import { freePort } from "../support/machine/ports.ts";
import { findProgram } from "../support/machine/program.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import { asNobody } from "../support/machine/user.ts";

const names = promises("names that other users may take");
const app = fixture("app.ts");
const python = findProgram("python3");
const isRoot = process.getuid?.() === 0;

const HOLD = `import socket, sys, time
one = socket.socket(socket.AF_UNIX)
one.bind("\\0corn 127.0.0.1:" + sys.argv[1])
print("held", flush=True)
time.sleep(60)
`;

/** Starts what takes the name of a port. */
async function hold(
  { mark }: Lab,
  port: number,
  wrapper: readonly string[] = [],
): Promise<() => Promise<unknown>> {
  const command = [...wrapper, python ?? "", "-c", HOLD, String(port)];
  const child = spawn(command[0] as string, command.slice(1), {
    env: { ...process.env, TEST_MARK: mark },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout!, "data");
  return () => {
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    return ended;
  };
}

names("another user's name for a port keeps nobody from it", async (lab) => {
  if (python === undefined || !isRoot || process.platform !== "linux") {
    return lab.skip("this needs python3, root and Linux");
  }
  const port = await freePort();
  const release = await hold(lab, port, asNobody());
  const args = ["-w", "2", "-b", `127.0.0.1:${port}`];
  const server = await lab.start({ app, args });
  assert.is(server.port, port);
  await release();
});

names("a process of the same user that has it is named", async (lab) => {
  if (python === undefined || process.platform !== "linux") {
    return lab.skip("this needs python3 and Linux");
  }
  const port = await freePort();
  const release = await hold(lab, port);
  const args = ["-w", "2", "-b", `127.0.0.1:${port}`];
  const command = lab.run({ app, args });
  assert.is((await command.ended).code, 1);
  assert.match(
    command.errors(),
    /address in use by \S*python3 -c .* \(pid \d+\); stop it/s,
  );
  await release();
});

for (const http of ["native", "wire"]) {
  names(`a ${http} worker leaves nothing in TMPDIR`, async (lab) => {
    const path = join(lab.folder, "app.sock");
    const server = await lab.start({
      app,
      defaults: false,
      args: ["-w", "1", "-b", `unix:${path}`, "--http", http],
      env: { TMPDIR: lab.folder },
    });
    assert.is(lstatSync(path).mode & 0o777, 0o660);
    const args = ["--unix-socket", path];
    const { status } = await curl("http://localhost/who", ...args);
    assert.is(status, 200);
    await server.stop();
  });
}

names.run();
