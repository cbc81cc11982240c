import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  symlinkSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { BindError } from "../../src/base/errors.ts";
import { findUnixOwner } from "../../src/arbiter/sockets/socket-owner.ts";
import { openControl } from "../../src/control/open-control.ts";
import { defaultFolder } from "../../src/control/place.ts";
import * as assert from "../support/assert.ts";
import { runtime } from "../support/engine/engine.ts";
import { NOBODY } from "../support/machine/user.ts";
import { type Lab, promises } from "../support/promise.ts";

const place = promises(`where a control socket is, on ${runtime.name}`);

/** Opens one below a folder of the service manager's or the user's, or at a path. */
async function open(
  { folder = "", path, service = false, asked = path !== undefined }: {
    folder?: string;
    path?: string;
    service?: boolean;
    asked?: boolean;
  },
) {
  const said: string[] = [];
  const say = (text: string) => void said.push(text);
  const env = service
    ? { RUNTIME_DIRECTORY: folder }
    : { XDG_RUNTIME_DIR: folder };
  const control = await openControl({
    ...runtime,
    self: Object.create(runtime.self, { env: { value: () => env } }),
  }, {
    wish: { path, asked },
    mode: 0o600,
    owner: undefined,
    log: { debug: say, warning: say },
    takesOver: () => false,
    holderOf: (path) => findUnixOwner(path, runtime.files),
    routes: () => Promise.resolve([]),
  });
  return { control, said: said.join("\n") };
}

function prepare(lab: Lab, name: string, make: (path: string) => void): string {
  chmodSync(lab.folder, 0o755);
  const base = join(lab.folder, name);
  mkdirSync(base);
  make(join(base, "corn"));
  lab.forgive(base);
  return base;
}

place(
  "a folder that others could have made is not used, and corn goes on",
  async (lab) => {
    const cases: [string, RegExp, (path: string) => void][] = [
      ["link", /is no folder/, (path) => {
        mkdirSync(`${path}.real`, { mode: 0o700 });
        symlinkSync(`${path}.real`, path);
      }],
      ["open", /can be written by others/, (path) => {
        mkdirSync(path);
        chmodSync(path, 0o777);
      }],
      ["readable", /is open to others/, (path) => {
        mkdirSync(path);
        chmodSync(path, 0o755);
      }],
    ];
    if (process.getuid?.() === 0) {
      cases.push(["foreign", /belongs to user 65534/, (path) => {
        mkdirSync(path, { mode: 0o700 });
        chownSync(path, NOBODY, NOBODY);
      }]);
    }
    for (const [name, reason, make] of cases) {
      const folder = prepare(lab, name, make);
      const { control, said } = await open({ folder });
      assert.is(control, undefined, name);
      assert.match(said, /^Cannot open the control socket: .*; corn goes on/);
      assert.match(said, reason);
      assert.not(existsSync(join(folder, "corn", `${process.pid}.sock`)));
      let refused: unknown;
      await open({ folder, asked: true }).catch((error) => refused = error);
      assert.instance(refused, BindError, "where it was asked for");
    }
  },
);

place("a service manager's folder may be looked into", async (lab) => {
  const base = prepare(lab, "run", (path) => {
    mkdirSync(path);
    chmodSync(path, 0o755);
  });
  const folder = join(base, "corn");
  const { control } = await open({ folder, service: true });
  assert.is(control?.path, join(folder, `${process.pid}.sock`));
  await control?.close();
});

place(
  "a path must be free, of files and of others that listen there",
  async (lab) => {
    const path = join(lab.folder, "control.sock");
    const { control } = await open({ path });
    const refusal = (path: string) =>
      open({ path }).then(
        ({ said }) => said,
        (error: Error) => error.message,
      );
    assert.match(
      await refusal(path),
      new RegExp(
        `another process listens there: .*\\(pid ${process.pid}\\); stop`,
      ),
    );
    assert.match(
      await refusal(lab.write("file", "")),
      /there is a file of that name/,
    );
    assert.match(
      await refusal(join(lab.folder, "a".repeat(100))),
      /its path is longer than 90 characters/,
    );
    assert.match(await refusal(join(lab.folder, "none", "a")), /Cannot open/);
    await control?.close();
    const { control: next } = await open({ path });
    await next?.close();
  },
);

place("what killed ones left behind goes with the next start", async (lab) => {
  const folder = prepare(
    lab,
    "left",
    (path) => mkdirSync(path, { mode: 0o700 }),
  );
  const own = join(folder, "corn");
  // A process that is gone, and its sockets: published, and about to be.
  const { pid } = spawnSync(process.execPath, ["--version"]);
  const left = [`${pid}.sock`, `${pid}.sock.0123456789abcdef`];
  for (const name of left) await abandon(join(own, name));
  const kept = ["1.sock", "README", `${pid}.sock.txt`];
  await abandon(join(own, "1.sock"));
  for (const name of kept.slice(1)) lab.write(`left/corn/${name}`, "");
  const { control } = await open({ folder });
  assert.equal(
    readdirSync(own).sort(),
    [...kept, `${process.pid}.sock`].sort(),
  );
  await control?.close();
});

/** Leaves a socket's name without anybody who listens. */
async function abandon(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(`${path}~`, resolve));
  renameSync(`${path}~`, path);
  await new Promise((resolve) => server.close(resolve));
}

place("defaultFolder() is the service's, the user's, or one in /tmp", () => {
  const self = { uid: 33 };
  assert.equal(
    [
      defaultFolder(self, { RUNTIME_DIRECTORY: "/run/a:/run/b" }),
      defaultFolder(self, { XDG_RUNTIME_DIR: "/run/user/33" }),
      defaultFolder(self, { XDG_RUNTIME_DIR: "relative" }),
    ],
    ["/run/a", "/run/user/33/corn", "/tmp/corn-33"],
  );
});

place.run();
