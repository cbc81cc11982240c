import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { makeSystemd } from "../../src/make/systemd.ts";
import type { MakeOptions } from "../../src/make/kinds.ts";
import { failure } from "../config/support.ts";
import { directive, subject, textOf } from "./support.ts";
import type { SubjectOptions } from "./support.ts";

const systemd = suite("systemd");

async function units(
  given: readonly string[],
  { options, ...more }: SubjectOptions & { options?: MakeOptions } = {},
) {
  const made = makeSystemd(await subject(given, more), options);
  return {
    service: textOf(made, ".service"),
    socket: textOf(made, ".socket"),
  };
}

systemd("makeSystemd() writes the command line as it was given", async () => {
  const app = 'app.ts:create({"debug":true})';
  const { service } = await units([app, "-e", "A=5 $HOME 100%", "-w", "3"]);
  assert.equal(directive(service, "ExecStart"), [
    "/usr/bin/node /srv/shop/node_modules/corn/bin/corn.js " +
    '"app.ts:create({\\"debug\\":true})" -e "A=5 $$HOME 100%%" -w 3',
  ]);
  assert.equal(directive(service, "WorkingDirectory"), ["/srv/shop"]);
});

systemd("makeSystemd() lets a stop and a start take their time", async () => {
  const file = { gracefulTimeout: 20, bootTimeout: 90 };
  const plain = await units(["app.ts", "--drain-delay", "2.5"], { file });
  assert.equal(directive(plain.service, "TimeoutStopSec"), ["28"]);
  assert.equal(directive(plain.service, "TimeoutStartSec"), ["95"]);
  const hooked = await units(["app.ts"], { file: { onExit() {} } });
  assert.equal(directive(hooked.service, "TimeoutStopSec"), ["45"]);
});

systemd("makeSystemd() makes sockets of the addresses", async () => {
  const { service, socket } = await units([
    ...["app.ts", "-b", ":80,[::1]:81,localhost:82,unix:/run/shop.sock"],
    ...["--unix-mode", "600", "--unix-owner", "nginx:web"],
    ...["--backlog", "99"],
  ]);
  assert.equal(directive(socket, "ListenStream"), [
    "0.0.0.0:80",
    "[::1]:81",
    "127.0.0.1:82",
    "/run/shop.sock",
  ]);
  assert.equal(directive(socket, "SocketUser"), ["nginx"]);
  assert.equal(directive(socket, "SocketGroup"), ["web"]);
  assert.equal(directive(socket, "SocketMode"), ["0600"]);
  assert.equal(directive(socket, "Backlog"), ["99"]);
  assert.equal(directive(service, "Requires"), ["shop.socket"]);
  assert.equal(directive(service, "RuntimeDirectoryPreserve"), []);
  // systemd removes the folder at a stop, and the socket with it.
  const inside = await units(["app.ts", "-b", "unix:/run/shop/a.sock"]);
  assert.equal(directive(inside.service, "RuntimeDirectoryPreserve"), ["yes"]);
});

systemd("makeSystemd() names who it runs as", async () => {
  const plain = await units(["app.ts"]);
  assert.equal(directive(plain.service, "User"), ["www-data"]);
  // The arbiter stays root, and makes its workers another user's.
  const own = await units(["app.ts", "-u", "shop", "-b", "unix:/run/a.sock"]);
  assert.equal(directive(own.service, "User"), []);
  assert.equal(directive(own.socket, "SocketUser"), ["shop"]);
});

systemd("makeSystemd() leaves the keys of TLS to root", async () => {
  const { service } = await units([
    ...["app.ts", "-b", ":443", "--certfile", "/etc/tls/a.pem"],
  ]);
  assert.equal(directive(service, "User"), []);
  assert.match(
    directive(service, "ExecStart")[0] ?? "",
    / --certfile \/etc\/tls\/a\.pem --user www-data --group www-data$/,
  );
  const own = await units([
    ...["app.ts", "-b", ":443", "--certfile", "/etc/tls/a.pem", "-u", "shop"],
  ]);
  assert.not.match(own.service, "www-data");
});

systemd("makeSystemd() says so where systemd knows notify-reload", async () => {
  const old = await units(["app.ts"], { options: { systemd: 252 } });
  assert.equal(directive(old.service, "Type"), ["notify"]);
  const corn = "/usr/bin/node /srv/shop/node_modules/corn/bin/corn.js";
  assert.equal(directive(old.service, "ExecReload"), [
    `${corn} --pid $MAINPID reload`,
  ]);
  const fresh = await units(["app.ts"], { options: { systemd: 253 } });
  assert.equal(directive(fresh.service, "Type"), ["notify-reload"]);
  assert.equal(directive(fresh.service, "ExecReload"), []);
});

systemd(
  "makeSystemd() reloads by the control socket where there is one",
  async () => {
    const reload = async (...given: string[]) =>
      directive((await units(["app.ts", ...given])).service, "ExecReload");
    assert.equal(await reload("--no-control"), ["/bin/kill -HUP $MAINPID"]);
    assert.match(
      (await reload("--control", "/run/a.sock"))[0]!,
      /\.js -s \/run\/a\.sock reload$/,
    );
  },
);

systemd("makeSystemd() opens what corn writes to", async () => {
  const { service } = await units([
    ...["app.ts", "--pid", "/run/shop/pid", "--error-logfile", "/data/a/log"],
    ...["--access-logfile", "/var/log/shop/access.log"],
  ]);
  assert.equal(directive(service, "ReadWritePaths"), ["/data/a"]);
  const sockets = await units([
    ...["app.ts", "--control", "/data/c/a.sock", "--pid", "corn.pid"],
    ...["--admin", "unix:/data/b/m.sock", "-b", "unix:/data/d/a.sock"],
  ]);
  assert.equal(directive(sockets.service, "ReadWritePaths"), [
    "/srv/shop /data/c /data/b",
  ]);
  const own = await units([
    ...["app.ts", "--compile-cache", "/opt/code"],
    ...["-b", ":80", "-b", "unix:/run/shop/a.sock"],
  ]);
  assert.equal(directive(own.service, "ReadWritePaths"), ["/opt/code"]);
  // A socket outlives a stop of the service, one of several, too.
  const kept = "RuntimeDirectoryPreserve";
  assert.equal(directive(own.service, kept), ["yes"]);
  assert.equal(directive(service, kept), []);
  assert.equal(directive(service, "ProtectHome"), ["yes"]);
  const home = await units(["app.ts"], { folder: "/home/ann/shop" });
  assert.equal(directive(home.service, "ProtectHome"), ["read-only"]);
});

systemd("makeSystemd() keeps compiled code for Node alone", async () => {
  const on = async (given: string[], more?: SubjectOptions) =>
    directive((await units(given, more)).service, "Environment");
  const cache = "CORN_COMPILE_CACHE=/var/cache/shop";
  assert.equal(await on(["app.ts"]), [cache]);
  assert.equal(await on(["app.ts", "--runtime", "bun"]), []);
  assert.equal(await on(["app.ts"], { runtime: "deno" }), []);
  assert.equal(await on(["app.ts", "--compile-cache", "off"]), []);
});

systemd("makeSystemd() takes settings of the environment along", async () => {
  const env = {
    CORN_WORKERS: "3",
    CORN_NAME: "a b",
    HOME: "/root",
    PORT: "99",
  };
  const { service, socket } = await units(["app.ts"], { env });
  assert.equal(directive(service, "Environment").slice(1), [
    "CORN_WORKERS=3",
    '"CORN_NAME=a b"',
    "PORT=99",
  ]);
  assert.equal(directive(socket, "ListenStream"), ["0.0.0.0:99"]);
  assert.match(service, "\nRuntimeDirectory=a-b\n");
});

const REFUSED:
  readonly (readonly [readonly string[], SubjectOptions, RegExp])[] = [
    [[], {}, /^Cannot make systemd: no app is named/],
    [["app.ts", "-D"], {}, /: daemon is true from -D, /],
    [["app.ts", "--reload"], {}, /: reload is true from --reload, /],
    [["app.ts", "-b", ":0"], {}, /: bind is 0\.0\.0\.0:0 from -b, and port 0/],
    [["app.ts", "-b", "fd://3"], {}, /: bind is fd:\/\/3 from -b, /],
    [
      ["app.ts", "-b", "shop:80"],
      {},
      /: bind is shop:80 from -b, .*no name up/,
    ],
    [
      ["app.ts", "-e", "DB_TOKEN=x12"],
      {},
      /^Cannot make systemd: app\.ts -e DB_TOKEN=\*\*\* has what looks like a secret/,
    ],
    [
      ["app.ts"],
      { env: { CORN_ENV: "API_KEY=x12" } },
      /^Cannot make systemd: CORN_ENV=API_KEY=\*\*\* has what looks/,
    ],
  ];

systemd(
  "makeSystemd() refuses what no service should have, by value and origin",
  async () => {
    for (const [given, more, message] of REFUSED) {
      const error = await failure(units(given, more));
      assert.match(error.message, message);
      assert.not.match(error.message, /x12/);
    }
  },
);

systemd.run();
