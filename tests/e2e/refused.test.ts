/** What cannot be listened on is refused before anything is served, in one line. */
import { spawnSync } from "node:child_process";
import * as assert from "../support/assert.ts";
import { freePort } from "../support/machine/ports.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";

const refused = promises("refused addresses");
const app = fixture("app.ts");
const python = spawnSync("python3", ["--version"]).status === 0;

/** Starts corn, which must end with exit code 1 and the line. */
async function expectLine(
  { run }: Lab,
  line: RegExp,
  { binds, wrapper = [] }: { binds: string[]; wrapper?: string[] },
): Promise<void> {
  const args = binds.flatMap((bind) => ["-b", bind]);
  const command = run({ app, args, wrapper, defaults: false });
  assert.is((await command.ended).code, 1, command.log());
  assert.match(command.log(), /^corn: [^\n]*\n$/);
  assert.match(command.log(), line);
}

/** A command that starts what follows with a socket of Python's as descriptor 7. */
function withSocket(code: string): string[] {
  const script = `import os, socket, sys
${code}
os.dup2(s.fileno(), 7, inheritable=True)
os.execvp(sys.argv[1], sys.argv[1:])`;
  return ["python3", "-c", script];
}

refused("a file in place of a listening socket", async (lab) => {
  await expectLine(
    lab,
    /Cannot serve on fd:\/\/7: it is no socket but \/dev\/null$/m,
    {
      binds: ["fd://7"],
      wrapper: ["bash", "-c", 'exec 7</dev/null "$@"', "bash"],
    },
  );
});

const SOCKETS: Record<string, string> = {
  "a TCP socket that is only bound":
    "s = socket.socket(); s.bind(('127.0.0.1', 0))",
  "a UDP socket":
    "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('127.0.0.1', 0))",
  "a unix socket that is connected":
    "s, other = socket.socketpair(socket.AF_UNIX)",
  "a unix datagram socket":
    "s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind('')",
};

for (const [name, code] of Object.entries(SOCKETS)) {
  refused(`${name} in place of a listening one`, async (lab) => {
    if (!python) return lab.skip("python3 is not installed");
    const line =
      /Cannot serve on fd:\/\/7: it is a socket that does not listen$/m;
    const wrapper = withSocket(code);
    await expectLine(lab, line, { binds: ["fd://7"], wrapper });
  });
}

refused("a bind that appears twice", async (lab) => {
  const port = await freePort();
  const twice = /Cannot use bind "[^"]*" from -b: it is given twice$/m;
  for (
    const [one, other] of [
      [`127.0.0.1:${port}`, `tcp://127.0.0.1:${port}`],
      ["unix:corn.sock", "unix://corn.sock"],
      ["unix:@corn", "unix:@corn"],
      ["fd://7", "fd://7"],
    ] as const
  ) await expectLine(lab, twice, { binds: [one, other] });
});

refused.run();
