/** Every class of workers, and WebSockets, over TLS. */
import { execFile } from "node:child_process";
import * as assert from "../support/assert.ts";
import { makeCertificates } from "../support/certificates.ts";
import { get } from "../support/client/curl.ts";
import {
  assertNothingLost,
  describeLoad,
  underLoad,
} from "../support/load/load.ts";
import { helperNode, runtimeName } from "../support/process/command.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import { root } from "../../scripts/tools.ts";

const kinds = promises("workers over TLS", "openssl");
const made = makeCertificates();

/** Flags that serve TLS, and the file by which clients judge it. */
function secured({ write, folder }: Lab): { args: string[]; ca: string } {
  const certfile = write("both.pem", made.server.cert + made.server.key);
  const ca = write("ca.pem", made.ca);
  return {
    ca,
    args: [
      ...["-b", "https://127.0.0.1:0", "--certfile", certfile],
      ...["--chdir", folder, "--keep-alive", "3"],
    ],
  };
}

// Two of each: as processes, and as threads of one.
for (const flags of [["sync", "-w", "2"], ["thread", "--threads", "2"]]) {
  const [name] = flags;
  kinds(
    `a renewal and a reload lose nothing: -k ${name}`,
    async (lab) => {
      const { args, ca } = secured(lab);
      const server = await lab.start({
        ...{ app: fixture("app.ts"), deadlineMs: 60_000 },
        args: ["-w", "1", "-k", ...flags, ...args],
      });
      const load = {
        ...{ url: server.url, ca: made.ca },
        ...{ keepAlive: 3, single: 3, streams: 1, posts: 1 },
      };
      const report = await underLoad(load, async (load) => {
        await load.more(50, 60_000);
        const from = server.log().length;
        lab.write("both.pem", made.renewed.cert + made.renewed.key);
        server.signal("SIGHUP");
        await server.waitForLog(/renewed: until/, { from, ms: 60_000 });
        await server.waitForLog(/Reload done/, { from, ms: 90_000 });
        await load.more(50, 60_000);
      });
      console.log(`\n# ${runtimeName}, ${name}: ${describeLoad(report)}`);
      assertNothingLost(report);
      const { port } = server;
      const url = `https://localhost:${port}/load/x`;
      assert.match(await get(url, "--cacert", ca), /^x corn/);
    },
    { deadlineMs: 240_000 },
  );
}

/** The client of the library `ws`: an echo of text and of bytes, then how it ends. */
const CLIENT = `
import { readFileSync } from "node:fs";
import { WebSocket } from "ws";
const [url, ca] = process.argv.slice(1);
const socket = new WebSocket(url, { ca: readFileSync(ca) });
const next = () => new Promise((resolve) => socket.once("message", (data, binary) => resolve([String(data), binary])));
const ask = (data) => { socket.send(data); return next(); };
await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
const ended = new Promise((resolve) => socket.once("close", (code) => resolve(code)));
const told = [await ask("hello"), await ask(Buffer.from("bytes"))];
const long = "x".repeat(300000);
told.push((await ask(long))[0] === long);
console.log("open");
console.log(JSON.stringify([...told, await ended]));
`;

/** Runs it, and calls once its messages came back. */
function speak(
  url: string,
  ca: string,
  run: () => void,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      helperNode,
      ["--input-type=module", "-e", CLIENT, url, ca],
      { cwd: root, timeout: 90_000 },
      (error, output) =>
        error === null
          ? resolve(JSON.parse(output.replace("open\n", "")))
          : reject(error),
    );
    child.stdout?.once("data", run);
  });
}

/** As tests/e2e/websocket.test.ts has them, by the engine that speaks TLS; Deno serves no Node listener so. */
const forms = runtimeName === "deno" ? [""] : ["", ":server"];

for (const form of forms) {
  kinds(
    `the client of ws speaks to a WebSocket until a reload ends it: sockets.ts${form}`,
    async (lab) => {
      const { args, ca } = secured(lab);
      const server = await lab.start({
        ...{ app: fixture("sockets.ts") + form, deadlineMs: 60_000 },
        args: ["-w", "1", "--websocket-drain", "0.3", ...args],
      });
      const url = `wss://localhost:${server.port}/ws`;
      const told = await speak(url, ca, () => server.signal("SIGHUP"));
      assert.equal(told, [["hello", false], ["bytes", true], true, 1012]);
    },
    { deadlineMs: 120_000 },
  );
}

kinds.run();
