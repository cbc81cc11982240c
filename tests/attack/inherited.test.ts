/** What a worker and what an app starts have of corn's descriptors. */
import { readdirSync, readlinkSync } from "node:fs";
import process from "node:process";
import * as assert from "../support/assert.ts";
import { runtimeName } from "../support/process/command.ts";
import { get } from "../support/client/curl.ts";
import { promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import type { ServerOptions } from "../support/process/server.ts";

const inherited = promises("what is inherited");

/** Starts a child in each way that there is, and says what it has beside its streams. */
const APP = `
import { execFileSync, spawn } from "node:child_process";
import process from "node:process";

const command = ["ls", "-l", "/proc/self/fd"];

/** Lines of ls(1) about more than the streams and the folder that it lists. */
const beside = (text) =>
  text.split("\\n").map((line) => line.split(" ").slice(-3).join(" "))
    .filter((line) => / -> /.test(line) && !/^[012] |\\/proc\\/\\d+\\/fd$/.test(line));

const ways = {
  "spawn()": () => new Promise((resolve) => {
    const child = spawn(command[0], command.slice(1), { stdio: ["ignore", "pipe", "ignore"] });
    let text = "";
    child.stdout.on("data", (piece) => text += piece);
    child.on("close", () => resolve(text));
  }),
  "execFileSync()": () => String(execFileSync(command[0], command.slice(1))),
};
if (globalThis.Bun) {
  ways["Bun.spawn()"] = () => new Response(Bun.spawn(command).stdout).text();
  ways["Bun.spawnSync()"] = () => String(Bun.spawnSync(command).stdout);
}
if (globalThis.Deno) {
  const made = () => new Deno.Command(command[0], { args: command.slice(1) });
  const text = ({ stdout }) => new TextDecoder().decode(stdout);
  ways["Deno.Command"] = async () => text(await made().output());
  ways["Deno.Command, at once"] = () => text(made().outputSync());
}

export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/leave") {
      const child = spawn("sleep", ["30"], { detached: true, stdio: "ignore" });
      child.unref();
      return new Response(String(child.pid));
    }
    const found = {};
    for (const [way, run] of Object.entries(ways)) {
      found[way] = beside(await run());
    }
    return Response.json({ pid: process.pid, found });
  },
};
`;

async function nothingLeaks(lab: Lab, options: ServerOptions) {
  const app = lab.write("app.ts", APP);
  const server = await lab.start({ app, ...options });
  const { found } = JSON.parse(await get(server.url));
  for (const [way, lines] of Object.entries(found)) {
    assert.equal(lines, [], `a child by ${way} has more than its streams`);
  }
  return server;
}

/** What a process has open, by number. */
function openIn(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((name) => {
    try {
      return [`${name} ${readlinkSync(`${folder}/${name}`)}`];
    } catch {
      return []; // Closed meanwhile.
    }
  });
}

for (const http of ["native", "wire"]) {
  inherited(
    `${http}: a child of the app has its streams alone`,
    (lab) =>
      nothingLeaks(lab, { args: ["-w", "2", "--http", http] }).then(() => {}),
  );
}

inherited("a child has none of many sockets", async (lab) => {
  // More than there are numbers that Node closes on exec whatever is between them.
  const sockets = Array.from({ length: 20 }, (_, at) => [
    "-b",
    `unix:${lab.folder}/${at}.sock`,
  ]);
  const tcp = ["-b", "127.0.0.1:0"];
  await nothingLeaks(lab, { args: ["-w", "1", ...tcp, ...sockets.flat()] });
});

for (const other of ["node", "bun", "deno"]) {
  inherited(`--runtime ${other}: a child has nothing`, async (lab) => {
    if (runtimeName === "deno" && other === "node") {
      return lab.skip("what Deno hands on has numbers that Node cannot close");
    }
    await nothingLeaks(lab, { args: ["-w", "2", "--runtime", other] });
  });
}

inherited("what corn inherited stays in the arbiter", async (lab) => {
  const file = lab.write("foreign", "");
  const script = `exec 7<'${file}' 9<'${file}' 37<'${file}'; exec "$@"`;
  const server = await nothingLeaks(lab, {
    args: ["-w", "2"],
    wrapper: ["bash", "-c", script, "bash"],
  });
  const foreign = (pid: number) =>
    openIn(pid).filter((one) => one.endsWith(file));
  assert.is(foreign(server.pid).length, 3);
  for (const pid of server.workers()) assert.equal(foreign(pid), []);
});

inherited("corn starts anew beside what its app left", async (lab) => {
  const app = lab.write("app.ts", APP);
  const first = await lab.start({ app, args: ["-w", "2"] });
  const child = Number(await get(`${first.url}/leave`));
  await first.stop();
  try {
    const again = await lab.start({
      app,
      args: ["-w", "2", "-b", `127.0.0.1:${first.port}`],
    });
    assert.is(again.port, first.port);
    await again.stop();
  } finally {
    process.kill(child, "SIGKILL");
  }
});

inherited.run();
