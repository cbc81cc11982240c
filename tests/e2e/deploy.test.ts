import {
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { join, relative } from "node:path";
import process from "node:process";
import * as assert from "../support/assert.ts";
import { root } from "../../scripts/tools.ts";
import { get } from "../support/client/curl.ts";
import { alive } from "../support/machine/proc.ts";
import { promises } from "../support/promise.ts";
import {
  makeReleases,
  moveLink,
  writeRelease,
} from "../support/process/releases.ts";
import type { Server } from "../support/process/server.ts";
import { copyCorn } from "../support/process/version.ts";
import { until } from "../support/wait.ts";

const deploy = promises("deploy");

async function hup(server: Server): Promise<void> {
  const from = server.log().length;
  server.signal("SIGHUP");
  await server.waitForLog(/Reload (done|failed|refused|stopped)[^\n]*/, {
    from,
  });
  assert.match(server.log().slice(from), /Reload done/);
  await until("one worker", () => server.workers().length === 1);
}

/** Kills the worker and waits for the next. */
async function crash(server: Server): Promise<void> {
  const from = server.log().length;
  const [worker] = server.workers();
  process.kill(worker as number, "SIGKILL");
  await server.waitForLog(/ready in/, { from });
}

/** Expects that everything that answers is of one release. */
async function expectRelease(server: Server, number: number): Promise<void> {
  assert.equal(JSON.parse(await get(server.url)), {
    app: number,
    lib: number,
    late: number,
    config: number,
  });
}

deploy(
  "HUP follows a link that was moved, and the old release may be deleted",
  async ({ folder, start, forgive }) => {
    forgive(folder);
    const site = makeReleases(folder);
    const server = await start({
      cwd: site.current,
      env: { PWD: site.current },
      args: ["-w", "1"],
    });
    await expectRelease(server, 1);
    site.deploy(2);
    await hup(server);
    await expectRelease(server, 2);
    site.remove(1);
    await crash(server);
    await expectRelease(server, 2);
    site.deploy(3);
    site.remove(2);
    await hup(server);
    await expectRelease(server, 3);
  },
);

/** Ways to name a release by its link, from a folder above it. */
const NAMINGS: Readonly<Record<string, readonly string[]>> = {
  "the working folder": ["--chdir", "current"],
  "the app's path": ["-c", "current/corn.config.ts", "current/app.ts"],
};

for (const [what, args] of Object.entries(NAMINGS)) {
  deploy(
    `between deploy and HUP a new worker is of the release that serves, while that is there: ${what}`,
    async ({ folder, start, forgive }) => {
      forgive(folder);
      const site = makeReleases(folder);
      const server = await start({ cwd: folder, args: ["-w", "1", ...args] });
      site.deploy(2);
      await crash(server);
      await expectRelease(server, 1);
      site.remove(1);
      await crash(server);
      assert.is(JSON.parse(await get(server.url)).app, 2);
      assert.match(server.log(), /\[WARNING\] The release [^\n]* is gone/);
      await hup(server);
      await expectRelease(server, 2);
    },
  );
}

deploy(
  "HUP follows the links of a Kubernetes volume",
  async ({ folder, start, forgive }) => {
    forgive(folder);
    const volume = join(folder, "volume");
    const swap = (number: number) => {
      const data = `..data-${number}`;
      writeRelease(join(volume, data), number);
      moveLink(join(volume, "..data"), data);
    };
    swap(1);
    for (
      const name of [
        "package.json",
        "app.ts",
        "lib",
        "corn.config.ts",
        "settings",
      ]
    ) symlinkSync(`..data/${name}`, join(volume, name));
    const server = await start({ cwd: volume, args: ["-w", "1"] });
    await expectRelease(server, 1);
    swap(2);
    await crash(server);
    await expectRelease(server, 1);
    rmSync(join(volume, "..data-1"), { recursive: true });
    await hup(server);
    await expectRelease(server, 2);
  },
);

deploy(
  "HUP follows a folder that was renamed into place, and USR2 after it too",
  async ({ folder, start, forgive }) => {
    forgive(folder);
    const live = join(folder, "live");
    const put = (number: number) => {
      writeRelease(`${live}.new`, number);
      renameSync(live, `${live}.old`);
      renameSync(`${live}.new`, live);
      rmSync(`${live}.old`, { recursive: true });
    };
    writeRelease(live, 1);
    const server = await start({
      cwd: live,
      env: { PWD: live },
      args: ["-w", "1"],
    });
    await expectRelease(server, 1);
    put(2);
    await hup(server);
    await expectRelease(server, 2);
    put(3);
    server.signal("SIGUSR2");
    const [, text = ""] = await server.waitForLog(
      /Upgrade: pid (\d+) is ready/,
    );
    const heir = Number(text);
    const ended = server.stop("SIGTERM", 20_000);
    assert.is((await ended).code, 0);
    await until(
      "the new release alone",
      async () => JSON.parse(await get(server.url)).app === 3,
    );
    await expectRelease(server, 3);
    process.kill(heir, "SIGTERM");
    // Process 1 of a container may leave it a zombie.
    await until("the end of the new arbiter", () => !alive(heir));
  },
);

deploy(
  "HUP starts workers from the corn that is in the new release",
  async ({ folder, start, forgive }) => {
    forgive(folder);
    const site = makeReleases(folder, (release) => {
      const corn = join(release, "corn");
      copyCorn(root, corn);
      mkdirSync(join(corn, "node_modules"));
      for (const name of ["@hono", "esm-env", "hono"]) {
        symlinkSync(
          join(root, "node_modules", name),
          join(corn, "node_modules", name),
        );
      }
    });
    const server = await start({
      script: relative(root, join(site.current, "corn", "mod.ts")),
      cwd: site.current,
      env: { PWD: site.current },
      args: ["-w", "1", "-b", "127.0.0.1:0", "--keep-alive", "1"],
    });
    const cornOf = () =>
      /\S*\/corn(?=\/(mod|worker)\.ts)/.exec(
        commandLine(server.workers()[0] as number),
      )?.[0];
    assert.is(cornOf(), join(site.folderOf(1), "corn"));
    site.deploy(2);
    await hup(server);
    assert.is(cornOf(), join(site.folderOf(2), "corn"));
    site.remove(1);
    await crash(server);
    await expectRelease(server, 2);
  },
);

deploy(
  "HUP reads anew what a config file imports, where files are rewritten in place",
  async ({ folder, start, forgive }) => {
    forgive(folder);
    writeRelease(folder, 1);
    const server = await start({ cwd: folder, args: ["-w", "1"] });
    for (const number of [2, 3]) {
      writeRelease(folder, number);
      await hup(server);
      await expectRelease(server, number);
    }
  },
);

deploy(
  "a chdir that changed counts at HUP",
  async ({ folder, write, start, forgive }) => {
    forgive(folder);
    const config = (number: number) =>
      `export default { app: "app.ts", env: { RELEASE: "${number}" }, chdir: "${number}" };\n`;
    for (const number of [1, 2]) {
      writeRelease(join(folder, String(number)), number);
    }
    write("corn.config.ts", config(1));
    const server = await start({ cwd: folder, args: ["-w", "1"] });
    await expectRelease(server, 1);
    write("corn.config.ts", config(2));
    await hup(server);
    await expectRelease(server, 2);
  },
);

deploy(
  "a release that is missing is what the log names, and the old one serves on",
  async ({ folder, start, forgive }) => {
    forgive(folder);
    const site = makeReleases(folder);
    const server = await start({
      cwd: site.current,
      env: { PWD: site.current },
      args: ["-w", "1"],
    });
    moveLink(site.current, site.folderOf(7));
    server.signal("SIGHUP");
    await server.waitForLog(
      /Reload refused, nothing changes: Cannot use working folder "[^"]*\/current"/,
    );
    await expectRelease(server, 1);
    site.remove(1);
    const from = server.log().length;
    process.kill(server.workers()[0] as number, "SIGKILL");
    await server.waitForLog(/cannot be started: [^\n]*/, { from });
    assert.match(
      server.log(),
      new RegExp(
        `Cannot load app "app\\.ts": there is no folder ${site.current}`,
      ),
    );
    assert.not.match(server.log(), /ENOENT/);
    site.deploy(8);
    await server.waitForLog(/ready in/, { from });
    assert.is(JSON.parse(await get(server.url)).app, 8);
    await hup(server);
    await expectRelease(server, 8);
  },
);

function commandLine(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
}

deploy.run();
