import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import * as assert from "../support/assert.ts";
import { root } from "../../scripts/tools.ts";
import { runtimeName } from "../support/process/command.ts";
import { curl, get } from "../support/client/curl.ts";
import { LOGROTATE } from "../support/log/logrotate.ts";
import { freePort } from "../support/machine/ports.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import { NGINX, startNginx } from "../support/machine/proxy.ts";
import { receiveUdp } from "../support/log/receiver.ts";
import { until, within } from "../support/wait.ts";

const deployment = promises("examples/deployment");

/** The files of the example, with the folders and addresses of a machine that is only this test's. */
async function install({ folder, write, forgive }: Lab, statsd: number) {
  const ports = { web: await freePort(), health: await freePort() };
  const place = (text: string) =>
    text
      .replaceAll("/var/log/shop", join(folder, "log"))
      .replaceAll("/run/", `${join(folder, "run")}/`)
      .replaceAll("/srv/shop", join(folder, "srv"))
      .replaceAll("listen 80;", `listen 127.0.0.1:${ports.web};`)
      .replaceAll("127.0.0.1:8000", `127.0.0.1:${ports.health}`)
      .replaceAll("127.0.0.1:8125", `127.0.0.1:${statsd}`);
  const read = (name: string) =>
    place(readFileSync(join(root, "examples/deployment", name), "utf8"));
  for (const path of ["log", "run", "run/shop"]) {
    mkdirSync(join(folder, path), { mode: 0o755 });
    forgive(join(folder, path));
  }
  write("srv/app.ts", read("app.ts"));
  write("srv/corn.config.ts", read("corn.config.ts"));
  return { ports, read };
}

/** What a unit says of a name; the last line of it counts. */
function directive(unit: string, name: string): string[] {
  return [...unit.matchAll(new RegExp(`^${name}=(.*)$`, "gm"))].map((one) =>
    one[1] as string
  );
}

/** Plays the part of systemd that listens to the service. */
async function startManager({ folder, mark, forgive }: Lab) {
  const socket = join(folder, "notify.sock");
  forgive(socket);
  const child = spawn("python3", [fixture("manager.py"), socket], {
    env: { ...process.env, TEST_MARK: mark },
  });
  let told = "";
  child.stdout.setEncoding("utf8").on("data", (text) => told += text);
  await until("the manager", () => told.includes("ready"));
  return { socket, told: () => told, close: () => void child.kill() };
}

/** The files that a page shows, by the path in their first line. */
function shown(name: string): Map<string, string> {
  const page = readFileSync(join(root, name), "utf8");
  return new Map(
    [...page.matchAll(/^```\w*\n# (\/etc\/\S+)\n([^]*?)^```$/gm)].map((
      [, path, text],
    ) => [path as string, text as string]),
  );
}

deployment("the files of docs/deploy.md fit one another", () => {
  const files = shown("docs/deploy.md");
  const unit = files.get("/etc/systemd/system/app.service") ?? "";
  const rotate = files.get("/etc/logrotate.d/app") ?? "";
  const example = readFileSync(
    join(root, "examples/deployment/shop.service"),
    "utf8",
  );
  for (const one of [unit, example]) {
    for (const name of ["User", "Restart", "ExecReload", "ProtectSystem"]) {
      assert.is(directive(one, name).length, 1, name);
    }
    assert.equal(directive(one, "WantedBy"), ["multi-user.target"]);
    const [cache] = directive(one, "CacheDirectory");
    assert.equal(
      directive(one, "Environment"),
      [`CORN_COMPILE_CACHE=/var/cache/${cache}`],
    );
  }
  const [start = ""] = directive(unit, "ExecStart");
  const pid = /--pid (\S+)/.exec(start)?.[1] as string;
  const log = /--error-logfile (\S+)/.exec(start)?.[1] as string;
  assert.ok(pid.startsWith(`/run/${directive(unit, "RuntimeDirectory")}/`));
  assert.ok(log.startsWith(`/var/log/${directive(unit, "LogsDirectory")}/`));
  assert.ok(rotate.startsWith(`${log} {`));
  assert.match(rotate, `kill -USR1 $(cat ${pid})`);
  const page = readFileSync(join(root, "docs/deploy.md"), "utf8");
  assert.match(page, `kill -USR2 $(cat ${pid})`);
});

deployment("systemd takes the units as they are", ({ write, skip }) => {
  if (spawnSync("systemd-analyze", ["--version"]).status !== 0) {
    return skip("there is no systemd-analyze");
  }
  const read = (name: string) =>
    readFileSync(join(root, "examples/deployment", name), "utf8");
  const units = [
    ["shop.socket", read("shop.socket")],
    ["shop.service", read("shop.service")],
    ...[
      ["README.md", "app.service"],
      ["docs/deploy.md", "app.socket"],
      ["docs/deploy.md", "app.service"],
    ].map(([page = "", name]) =>
      [
        `${page}.d/${name}`,
        shown(page).get(`/etc/systemd/system/${name}`) as string,
      ] as const
    ),
  ] as const;
  const paths = units.map(([name, unit]) =>
    // It looks whether the program is there.
    write(name, unit.replace("=/usr/bin/node ", `=${process.execPath} `))
  );
  for (const path of paths) {
    const { status, stdout, stderr } = spawnSync(
      "systemd-analyze",
      ["verify", "--man=no", path],
      { encoding: "utf8", timeout: 20_000 },
    );
    // An unknown name is a warning.
    assert.equal([status, stdout + stderr], [0, ""]);
  }
});

deployment(
  "serves behind nginx, logs, rotates, reloads and stops",
  async (lab) => {
    const tools = ["python3"].concat(
      runtimeName === "node" ? "systemd-notify" : [],
    );
    const missing = tools.filter((one) =>
      spawnSync(one, ["--version"]).status !== 0
    );
    if (NGINX === undefined || LOGROTATE === undefined || missing.length > 0) {
      return lab.skip("nginx, logrotate, python3 or systemd-notify is missing");
    }
    const statsd = await receiveUdp();
    const { ports, read } = await install(lab, statsd.port);
    const service = read("shop.service");
    const sockets = directive(read("shop.socket"), "ListenStream");
    assert.is(sockets[0], `127.0.0.1:${ports.health}`);
    const path = sockets[1] as string;
    const [start = ""] = directive(service, "ExecStart");
    const [, , ...args] = start.split(" ");
    const log = join(lab.folder, "log", "error.log");
    const manager = await startManager(lab);
    try {
      const server = await lab.start({
        wrapper: ["python3", fixture("activate.py")].concat(
          [String(ports.health), path, "self"],
        ),
        defaults: false,
        args,
        cwd: directive(service, "WorkingDirectory")[0] as string,
        env: {
          NOTIFY_SOCKET: manager.socket,
          // As systemd has it, by RuntimeDirectory=.
          RUNTIME_DIRECTORY: join(lab.folder, "run/shop"),
        },
        logFile: log,
        deadlineMs: 90_000,
      });
      await until("READY", () => /READY=1/.test(manager.told()));
      await server.waitForLog(/shop is open/);
      assert.match(server.log(), `Listening at unix:${path}`);
      assert.is(statSync(log).mode & 0o777, 0o640, "made as umask says");

      const web = `http://127.0.0.1:${ports.web}`;
      const proxy = await startNginx(lab, { http: read("nginx.conf") }, web);
      const host = ["-H", "Host: shop.example"];
      assert.is(
        await get(`${web}/cart`, ...host),
        "http://shop.example/cart\n",
      );
      // Who comes without nginx is not believed.
      const health = `http://127.0.0.1:${ports.health}`;
      assert.is(
        await get(`${health}/`, "-H", "X-Forwarded-Proto: https"),
        `${health}/\n`,
      );
      assert.is((await curl(`${health}/${"a".repeat(9000)}`)).status, 414);
      await get(`${web}/print`);
      await server.waitForLog(/printed by the shop/);

      const access = join(lab.folder, "log", "access.log");
      const asked = (path: string, name: string) =>
        until(
          `${name} in ${path}`,
          () => readFileSync(path, "utf8").includes(`"GET ${name} HTTP/1.`),
        );
      await asked(access, "/print");
      for (const metric of [/requests:[1-9]\d*\|c\|@1\.0/, /workers:4\|g/]) {
        const line = new RegExp(`^shop\\.gunicorn\\.${metric.source}$`, "m");
        await until(`${line}`, () => line.test(statsd.text()));
      }

      const config = lab.write("logrotate.conf", read("logrotate.conf"));
      lab.forgive(join(lab.folder, "state"));
      execFileSync(LOGROTATE, ["-f", "-s", join(lab.folder, "state"), config]);
      await server.waitForLog(/Log file reopened/);
      assert.match(readFileSync(`${log}.1`, "utf8"), /shop is open/);
      assert.not.match(server.log(), /shop is open/);

      const [reload = ""] = directive(service, "ExecReload");
      assert.match(reload, / --pid \$MAINPID reload$/);
      const command = lab.run({
        defaults: false,
        args: reload.replace("$MAINPID", String(server.pid)).split(" ")
          .slice(2),
        env: { RUNTIME_DIRECTORY: join(lab.folder, "run/shop") },
      });
      assert.equal(
        await within("the end of corn reload", command.ended, 90_000),
        { code: 0, signal: null },
        command.log(),
      );
      assert.match(server.log(), /Reload done/);
      await until(
        "READY again",
        () => /RELOADING=1[^]*Serving generation 2/.test(manager.told()),
      );
      assert.is(
        await get(`${web}/cart`, ...host),
        "http://shop.example/cart\n",
      );
      await proxy.close();
      assert.equal(await server.stop("SIGTERM", 60_000), {
        code: 0,
        signal: null,
      });
      await until("STOPPING", () => /STOPPING=1/.test(manager.told()));
    } finally {
      manager.close();
      await statsd.close();
    }
  },
  { deadlineMs: 180_000 },
);

deployment.run();
