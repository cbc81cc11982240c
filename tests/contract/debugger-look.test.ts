// runtimes: deno
import { spawn } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import * as assert from "../support/assert.ts";
import { suite } from "../support/suite.ts";
import { until } from "../support/wait.ts";
import { currentRuntime } from "../../adapters/mod.ts";
import { lookByDebugger } from "../../src/arbiter/workers/debugger-look.ts";

const look = suite("lookByDebugger()");

const BLOCKS: Readonly<Record<string, string>> = {
  loop: "for (;;);",
  "loop with names of its own":
    "const [Symbol, globalThis] = [0, 0]; for (;;) void [Symbol, globalThis];",
  regex: '/^(a|a)*$/.test("a".repeat(60) + "b");',
  JSON:
    "const text = JSON.stringify(Array(2_000).fill([1, 'x'])); for (;;) JSON.parse(text);",
  "Atomics.wait":
    "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);",
};

/** A worker as far as it takes: a request that waits for its answer, which blocks meanwhile. */
const program = (block: string) => `
import process from "node:process";
import { FlightRecorder } from "${new URL(
  "../../src/exchange/flight-record.ts",
  import.meta.url,
)}";
import { seatName } from "${new URL(
  "../../src/base/frames.ts",
  import.meta.url,
)}";
import { answerLooks } from "${new URL(
  "../../src/worker/observe/self-look.ts",
  import.meta.url,
)}";
const recorder = new FlightRecorder();
answerLooks({ globals: globalThis, recorder, folder: import.meta.dirname });
function report() { ${block} }
const wait = (seat) => Object.defineProperty(
  async (answer) => await answer, "name", { value: seatName(seat) });
for (const path of ["/innocent", "/report", "/other"]) {
  const seat = recorder.defer(recorder.begin({ method: "GET", url: path }), 0);
  recorder.leave();
  wait(seat)(new Promise((resolve) => setTimeout(resolve, 100))
    .then(() => path === "/report" ? report() : new Promise(() => {})));
}
console.log(process.getBuiltinModule("node:inspector").url());
`;

for (const [what, block] of Object.entries(BLOCKS)) {
  look(`it finds the request and the frames of a blocked ${what}`, async () => {
    const runtime = await currentRuntime();
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "corn-look-")));
    const file = join(folder, "report.js");
    writeFileSync(file, program(block));
    const child = spawn(process.execPath, [
      ...["run", "-A", "--inspect=127.0.0.1:0", "--inspect-publish-uid="],
      file,
    ], { stdio: ["ignore", "pipe", "ignore"] });
    try {
      let output = "";
      child.stdout.setEncoding("utf8").on("data", (text) => output += text);
      const found = await until("a look", async () => {
        const [url] = /ws:\S+/.exec(output) ?? [];
        if (url === undefined) return undefined;
        const seen = await lookByDebugger(url, runtime);
        return seen?.by && seen;
      });
      assert.is(found.by?.path, "/report");
      assert.match(found.frames.join(" < "), "report (report.js:");
    } finally {
      child.kill("SIGKILL");
      rmSync(folder, { recursive: true });
    }
  });
}

look.run();
