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
import { makeAuthority, makeCertificates } from "../support/certificates.ts";
import type { Pair } from "../support/certificates.ts";
import { get } from "../support/client/curl.ts";
import { canBeNobody } from "../support/machine/user.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import { sleep, until } from "../support/wait.ts";

const renewal = promises("TLS renewal", "openssl");

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

/** The status of an answer by TLS 1.3, by a client that shows a certificate and keeps its session in a file, or comes back by it. */
function askBy(
  port: number,
  folder: string,
  { cert, key }: Pair,
  session: "-sess_out" | "-sess_in",
): Promise<{ reused: boolean; status: string | undefined }> {
  const file = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const args = [
    ...["s_client", "-connect", `127.0.0.1:${port}`, "-tls1_3", "-ign_eof"],
    ...["-cert", file("client.pem", cert), "-key", file("client.key", key)],
    ...["-servername", "localhost", session, join(folder, "session")],
  ];
  return new Promise((resolve) => {
    const client = execFile(
      "openssl",
      args,
      (_, output) =>
        resolve({
          reused: /^Reused, /m.test(output),
          // What it prints of a ticket comes between.
          status: /HTTP\/1.1 (\d+)/.exec(output)?.[1],
        }),
    );
    client.stdin?.on("error", () => {}); // It may be refused before it asks.
    client.stdin?.end(
      "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    );
  });
}

renewal(
  "a client whom other authorities vouched for does not come back by its session once they have changed",
  async (lab) => {
    const folder = folderFor(lab);
    put(folder, made.server);
    const [before, after] = [makeAuthority("Before"), makeAuthority("After")];
    const ca = join(folder, "ca.pem");
    writeFileSync(ca, before.cert);
    const server = await lab.start({
      ...{ app, deadlineMs: 40_000 },
      args: [
        ...["-w", "1", "-b", "https://127.0.0.1:0"],
        ...["--certfile", join(folder, "cert.pem")],
        ...["--keyfile", join(folder, "key.pem")],
        ...["--ca-certs", ca, "--cert-reqs", "required"],
      ],
    });
    const { port } = server;
    const old = before.issue({ name: "old", use: "client" });
    const come = (session: "-sess_out" | "-sess_in") =>
      askBy(port, folder, old, session);
    assert.equal(await come("-sess_out"), { reused: false, status: "200" });
    assert.equal(await come("-sess_in"), { reused: true, status: "200" });

    writeFileSync(ca, after.cert);
    await server.waitForLog(/clients are judged renewed/, RENEWED);
    await until(
      "a refusal",
      async () => (await come("-sess_in")).status === undefined,
      RENEWED.ms,
    );
    const client = after.issue({ name: "new", use: "client" });
    const asked = await askBy(port, folder, client, "-sess_out");
    assert.equal(asked, { reused: false, status: "200" });
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

/** A handshake, and a request behind it: in TLS 1.3 a client is through before its server. @throws where one of them fails */
function shake(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, servername: "localhost", ca: made.ca });
    socket.once("secureConnect", () =>
      socket.write(
        "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
      ));
    let text = "";
    socket.on("data", (bytes) => text += String(bytes));
    socket.once("error", reject);
    socket.once(
      "close",
      () =>
        text.startsWith("HTTP/1.1 200")
          ? resolve()
          : reject(new Error(`It closed: ${text.slice(0, 20)}`)),
    );
  });
}

interface Handshakes {
  count(): number;
  /** Ends them, and says why each failed that did. */
  end(): Promise<string[]>;
}

/** Makes handshakes until it is told to end. */
function keepShaking(port: number): Handshakes {
  let going = true;
  let count = 0;
  const failed: string[] = [];
  const lanes = Array.from({ length: 4 }, async () => {
    while (going) {
      await shake(port).then(
        () => count++,
        ({ message }: Error) => failed.push(message),
      );
      await sleep(20);
    }
  });
  return {
    count: () => count,
    async end() {
      going = false;
      await Promise.all(lanes);
      return failed;
    },
  };
}

/** With TEST_RENEWALS=20 there are 10,000 handshakes. */
const RENEWALS = Number(process.env.TEST_RENEWALS ?? 2);
const EACH = RENEWALS < 20 ? 50 : 500;

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
    const load = keepShaking(server.port);
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
      await until(
        "handshakes",
        () => load.count() >= EACH * (renewed + 1),
        RENEWED.ms,
      );
    }
    const failed = await load.end();
    console.log(
      `# ${load.count()} handshakes, ${RENEWALS} renewals, ${failed.length} failed`,
    );
    assert.equal(failed, []);
  },
  { deadlineMs: 60_000 + 80_000 * RENEWALS },
);

renewal.run();
