import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { BindError } from "../../src/base/errors.ts";
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
    assert.match(await refusal(path), /another process listens there/);
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
