import { execFile } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:tls";
import { join } from "node:path";
import process from "node:process";
import * as assert from "../support/assert.ts";
import { makeCertificates } from "../support/certificates.ts";
import type { Pair } from "../support/certificates.ts";
import { get } from "../support/client/curl.ts";
import { canBeNobody } from "../support/machine/user.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import { sleep } from "../support/wait.ts";

const renewal = promises("TLS renewal");

const app = fixture("app.ts");
const made = makeCertificates();

/** A look at the files each ten seconds, and one a second later. */
const RENEWED = { ms: 40_000 };

/** The certificate that a server shows, by OpenSSL's own client. */
function shown(port: number, name = "localhost"): Promise<string> {
  const args = ["s_client", "-connect", `127.0.0.1:${port}`];
  return new Promise((resolve) => {
    const client = execFile(
      "openssl",
      [...args, "-servername", name],
      (_, output) =>
        resolve(
          /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/
            .exec(output)?.[0] ?? "none",
        ),
    );
    client.stdin?.end();
  });
}

/** A folder for certificates that the test need not clear. */
function folderFor({ folder, forgive }: Lab): string {
  const path = join(folder, "tls");
  mkdirSync(path, { mode: 0o700 });
  forgive(path);
  return path;
}

function put(folder: string, { cert, key }: Pair): void {
  writeFileSync(join(folder, "cert.pem"), cert);
  writeFileSync(join(folder, "key.pem"), key, { mode: 0o600 });
}

renewal(
  "a link that moves, a rename and a write in place are served by themselves, and no worker is replaced",
  async (lab) => {
    const folder = folderFor(lab);
    const { write, start } = lab;
    for (const [name, pair] of [["one", made.server], ["two", made.renewed]]) {
      mkdirSync(join(folder, name as string));
      put(join(folder, name as string), pair as Pair);
    }
    symlinkSync("one", join(folder, "live"));
    const server = await start({
      ...{ app, deadlineMs: 40_000 },
      addresses: 2,
      args: [
        ...["-w", "2", "-b", "http://127.0.0.1:0,https://127.0.0.1:0"],
        ...["--certfile", join(folder, "live/cert.pem")],
        ...["--keyfile", join(folder, "live/key.pem")],
      ],
    });
    const [plain = 0, port = 0] = server.ports;
    const workers = server.workers();
    const ca = write("ca.pem", made.ca);
    assert.ok(await get(`http://127.0.0.1:${plain}/`));
    assert.ok(await get(`https://localhost:${port}/`, "--cacert", ca));
    assert.is(await shown(port), made.server.cert.trim());

    let from = server.log().length;
    symlinkSync("two", join(folder, "next"));
    renameSync(join(folder, "next"), join(folder, "live"));
    await server.waitForLog(/Certificate of localhost renewed: until \d{4}-/, {
      ...RENEWED,
      from,
    });
    assert.is(await shown(port), made.renewed.cert.trim());

    // In place, and one of them wrong for longer than a moment.
    from = server.log().length;
    put(join(folder, "two"), made.wrongKey);
    await server.waitForLog(
      /Certificates not renewed, the old ones stay: Cannot use keyfile .* the key does not fit/,
      { ...RENEWED, from },
    );
    assert.is(await shown(port), made.renewed.cert.trim());

    from = server.log().length;
    put(folder, made.server);
    renameSync(join(folder, "key.pem"), join(folder, "two/key.pem"));
    renameSync(join(folder, "cert.pem"), join(folder, "two/cert.pem"));
    await server.waitForLog(/renewed/, { ...RENEWED, from });
    assert.is(await shown(port), made.server.cert.trim());
    assert.equal(server.workers(), workers);
  },
);

renewal(
  "a key that only root may read is in memory alone, and renewed for workers of another user",
  async (lab) => {
    if (!canBeNobody()) return lab.skip("nobody cannot run corn from here");
    const folder = folderFor(lab);
    chmodSync(lab.folder, 0o755);
    put(folder, made.server);
    const server = await lab.start({
      ...{ app, deadlineMs: 40_000 },
      args: [
        ...["-w", "1", "-u", "nobody", "-b", "https://127.0.0.1:0"],
        ...["--certfile", join(folder, "cert.pem")],
        ...["--keyfile", join(folder, "key.pem")],
      ],
    });
    assert.is(await shown(server.port), made.server.cert.trim());
    const secret = made.server.key.split("\n")[1] as string;
    for (const pid of [server.pid, ...server.workers()]) {
      for (const file of ["environ", "cmdline"]) {
        const text = readFileSync(`/proc/${pid}/${file}`, "latin1");
        assert.not.match(text, secret.slice(0, 40));
      }
      const limits = readFileSync(`/proc/${pid}/limits`, "utf8");
      assert.match(limits, /^Max core file size +1 /m);
    }
    assert.not.match(server.log(), secret);
    const from = server.log().length;
    put(folder, made.renewed);
    await server.waitForLog(/renewed/, { ...RENEWED, from });
    assert.is(await shown(server.port), made.renewed.cert.trim());
  },
);

renewal("a start with a pair that cannot be served is refused", async (lab) => {
  const folder = folderFor(lab);
  put(folder, made.wrongKey);
  const command = lab.run({
    app,
    args: [
      ...["-b", "https://127.0.0.1:0"],
      ...["--certfile", join(folder, "cert.pem")],
      ...["--keyfile", join(folder, "key.pem")],
    ],
  });
  assert.is((await command.ended).code, 1);
  assert.match(
    command.errors(),
    /Cannot use keyfile .*: the key does not fit the certificate in /,
  );
});

/** Makes handshakes until it is told to end, and says how many failed. */
function handshakes(port: number): {
  end(): Promise<{ made: number; failed: string[] }>;
} {
  let going = true;
  let count = 0;
  const failed: string[] = [];
  const one = () =>
    new Promise<void>((resolve) => {
      const socket = connect({ port, servername: "localhost", ca: made.ca });
      socket.once("secureConnect", () => {
        count++;
        socket.end();
      });
      socket.once("close", () => resolve());
      socket.once("error", (error) => {
        failed.push(error.message);
      });
    });
  const lanes = Array.from({ length: 4 }, async () => {
    while (going) {
      await one();
      await sleep(20);
    }
  });
  return {
    async end() {
      going = false;
      await Promise.all(lanes);
      return { made: count, failed };
    },
  };
}

/** The long form is 10,000 handshakes: TEST_RENEWALS=20. */
const RENEWALS = Number(process.env.TEST_RENEWALS ?? 3);

renewal(
  "no handshake fails while certificates are renewed, one of them broken, and a reload comes between",
  async (lab) => {
    const folder = folderFor(lab);
    const { start } = lab;
    put(folder, made.server);
    const server = await start({
      ...{ app, deadlineMs: 40_000 },
      args: [
        ...["-w", "2", "-b", "https://127.0.0.1:0"],
        ...["--certfile", join(folder, "cert.pem")],
        ...["--keyfile", join(folder, "key.pem")],
      ],
    });
    const load = handshakes(server.port);
    let pair = made.server;
    for (let renewed = 0; renewed < RENEWALS; renewed++) {
      const from = server.log().length;
      const broken = renewed === 1;
      if (!broken) pair = pair === made.server ? made.renewed : made.server;
      put(folder, broken ? made.wrongKey : pair);
      if (broken) server.signal("SIGHUP");
      const said = broken ? /the old ones stay/ : /localhost renewed/;
      await server.waitForLog(said, { ...RENEWED, from });
      if (broken) await server.waitForLog(/Reload done/, { ...RENEWED, from });
    }
    const { made: count, failed } = await load.end();
    console.log(`# ${count} handshakes, ${failed.length} failed`);
    assert.equal(failed, []);
    assert.ok(count > 100, `${count} handshakes`);
  },
  { deadlineMs: 60_000 + 15_000 * RENEWALS },
);

renewal.run();
