import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import {
  resolveIdentity,
  resolveOwner,
} from "../../../src/arbiter/generations/identity.ts";
import type { Settings } from "../../../src/config/table/types.ts";
import { FakeFiles, systemError } from "../../support/fake/runtime.ts";

const owner = suite("owner");

/** What the system's name services print, by the command. */
type Services = Readonly<Record<string, string>>;

function resolve(
  unixOwner: string | undefined,
  { files = filesWithUsers(), services = {} }: {
    files?: FakeFiles;
    services?: Services;
  } = {},
) {
  const settings = { unixOwner } as Settings;
  return resolveOwner(
    { settings, origins: { unixOwner: "--unix-owner" } },
    { files, ask: askOf(services) },
  );
}

function askOf(services: Services) {
  return (executable: string, args: readonly string[]) =>
    Promise.resolve(services[[executable, ...args].join(" ")]);
}

/** Fails unless it rejects with the message. */
async function refuses(
  what: Promise<unknown>,
  message: string,
): Promise<void> {
  const text = await what.then(
    () => "nothing was refused",
    (error: Error) => error.message,
  );
  assert.is(text, message);
}

function filesWithUsers(): FakeFiles {
  const files = new FakeFiles();
  files.texts.set(
    "/etc/passwd",
    "root:x:0:0:root:/root:/bin/sh\nwww:x:33:44::/:/bin/false\n",
  );
  files.texts.set("/etc/group", "root:x:0:\nwww:x:44:\nadm:x:4:www\n");
  return files;
}

owner("resolveOwner() takes names and numbers", async () => {
  assert.is(await resolve(undefined), undefined);
  for (
    const [text, uid, gid] of [
      ["www", 33, -1],
      ["www:adm", 33, 4],
      [":www", -1, 44],
      ["1000", 1000, -1],
      ["0:1000", 0, 1000],
      ["root:4", 0, 4],
    ] as const
  ) assert.equal(await resolve(text), { uid, gid }, text);
});

owner("resolveOwner() refuses what it does not know, in one line", async () => {
  for (
    const [text, reason] of [
      ["nobdy", 'there is no user "nobdy" in /etc/passwd, nor by getent(1)'],
      [
        "www:nogrp",
        'there is no group "nogrp" in /etc/group, nor by getent(1)',
      ],
      ["adm", 'there is no user "adm" in /etc/passwd, nor by getent(1)'],
      ["-h", 'there is no user "-h" in /etc/passwd, nor by getent(1)'],
      ["", "give USER, USER:GROUP or :GROUP"],
      [":", "give USER, USER:GROUP or :GROUP"],
      ["a:b:c", "give USER, USER:GROUP or :GROUP"],
    ] as const
  ) {
    await refuses(
      resolve(text, { services: { "getent passwd -h": "h:x:1:1::/:" } }),
      `Cannot use unixOwner "${text}" from --unix-owner: ${reason}`,
    );
  }
});

owner("resolveOwner() says when the files cannot be read", async () => {
  const files = filesWithUsers();
  files.failures.set("readText /etc/passwd", systemError("EACCES"));
  await refuses(
    resolve("www", { files }),
    'Cannot use unixOwner "www" from --unix-owner: /etc/passwd cannot be read: EACCES: it was to be so',
  );
  assert.equal(await resolve("33", { files }), { uid: 33, gid: -1 });
});

owner("resolveOwner() asks the name services for others", async () => {
  const services = {
    "getent passwd jane": "jane:*:5001:5000:Jane:/home/jane:/bin/sh\n",
    "getent group staff": "staff:*:5002:jane\n",
    "getent passwd broken": "no row of passwd\n",
  };
  for (
    const [text, uid, gid] of [
      ["jane", 5001, -1],
      ["jane:staff", 5001, 5002],
      ["www:staff", 33, 5002],
    ] as const
  ) assert.equal(await resolve(text, { services }), { uid, gid }, text);
  await refuses(
    resolve("broken", { services }),
    'Cannot use unixOwner "broken" from --unix-owner: there is no user "broken" in /etc/passwd, nor by getent(1)',
  );
});

function identity(
  given: { user?: string; group?: string; initgroups?: boolean },
  { uid = 0, services = {} }: { uid?: number; services?: Services } = {},
) {
  const settings = { initgroups: false, ...given } as Settings;
  const origins = { user: "--user", group: "--group" };
  const accounts = { files: filesWithUsers(), ask: askOf(services) };
  return resolveIdentity({ settings, origins }, { accounts, uid });
}

owner(
  "resolveIdentity() takes the user's own group, and others if asked",
  async () => {
    assert.is(await identity({}), undefined);
    for (
      const [given, expected] of [
        [{ user: "www" }, { uid: 33, gid: 44, groups: [44] }],
        [{ user: "33" }, { uid: 33, gid: 44, groups: [44] }],
        [{ user: "www", group: "adm" }, { uid: 33, gid: 4, groups: [4] }],
        [{ user: "77", group: "5" }, { uid: 77, gid: 5, groups: [5] }],
        [{ group: "adm" }, { uid: undefined, gid: 4, groups: [4] }],
        [{ user: "www", initgroups: true }, {
          uid: 33,
          gid: 44,
          groups: [44, 4],
        }],
      ] as const
    ) assert.equal(await identity(given), expected);
  },
);

owner("resolveIdentity() asks the name services for others", async () => {
  const services = {
    "getent passwd jane": "jane:*:5001:5000:Jane:/home/jane:/bin/sh\n",
    "getent passwd 5001": "jane:*:5001:5000:Jane:/home/jane:/bin/sh\n",
    "id -G jane": "5000 5002 4\n",
    "id -G www": "44 5002\n",
  };
  for (
    const [given, expected] of [
      [{ user: "jane" }, { uid: 5001, gid: 5000, groups: [5000] }],
      [{ user: "5001" }, { uid: 5001, gid: 5000, groups: [5000] }],
      [{ user: "jane", initgroups: true }, {
        uid: 5001,
        gid: 5000,
        groups: [5000, 5002, 4],
      }],
      // The system's own files tell all of its own users.
      [{ user: "www", initgroups: true }, {
        uid: 33,
        gid: 44,
        groups: [44, 4],
      }],
    ] as const
  ) assert.equal(await identity(given, { services }), expected);
});

owner("resolveIdentity() refuses what cannot be, in one line", async () => {
  await refuses(
    identity({ user: "nobdy" }),
    'Cannot use user "nobdy" from --user: there is no user "nobdy" in /etc/passwd, nor by getent(1)',
  );
  await refuses(
    identity({ user: "www", group: "x" }),
    'Cannot use group "x" from --group: there is no group "x" in /etc/group, nor by getent(1)',
  );
  await refuses(
    identity({ user: "77" }),
    'Cannot use user "77" from --user: the number alone tells no group; give --group',
  );
  await refuses(
    identity({ user: "www" }, { uid: 1000 }),
    'Cannot use user "www" from --user: only root may become another; leave it out',
  );
});

owner.run();
