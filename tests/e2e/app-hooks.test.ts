import process from "node:process";
import * as assert from "../support/assert.ts";
import { curl, get } from "../support/client/curl.ts";
import { promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";

const app = promises("onStart and onStop");

const START = `
  let started = "";
  export async function onStart(worker) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    started = "started " + worker.slot + "/" + worker.generation;
    worker.log.info(started);
  }
`;

app("onStart is over before the worker is ready", async (lab) => {
  lab.write(
    "app.mjs",
    `${START} export default () => new Response(started);`,
  );
  const server = await lab.start({
    app: "app.mjs",
    args: ["-w", "1"],
    cwd: lab.folder,
  });
  assert.is(await get(server.url), "started 1/1");
  assert.match(server.log(), /started 1\/1[^]*Worker 1 .* ready in/);
});

app("onStop is waited for, after what was open", async (lab) => {
  lab.write(
    "app.mjs",
    `let open = 0;
     const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
     export function onStop(worker) {
       worker.log.info("onStop with " + open + " open");
       return sleep(200).then(() => worker.log.info("onStop is over"));
     }
     export default {
       async fetch(request) {
         open++;
         console.error("a request is open");
         await sleep(300);
         open--;
         return new Response("done");
       },
     };`,
  );
  const server = await lab.start({
    app: "app.mjs",
    args: ["-w", "1"],
    cwd: lab.folder,
  });
  const slow = curl(`${server.url}/slow`);
  await server.waitForLog(/a request is open/);
  const { code } = await server.stop();
  assert.is((await slow).body, "done");
  assert.is(code, 0);
  assert.match(server.log(), /onStop with 0 open[^]*onStop is over[^]*left/);
});

app("an app that is made has its own", async (lab) => {
  lab.write(
    "app.mjs",
    `export const create = (name) => ({
       name,
       onStart() { this.name += " started"; },
       fetch() { return new Response(this.name); },
     });`,
  );
  const server = await lab.start({
    app: 'app.mjs:create("corn")',
    args: ["-w", "1"],
    cwd: lab.folder,
  });
  assert.is(await get(server.url), "corn started");
});

app("onStart that throws fails the boot as a bad app", async (lab) => {
  lab.write(
    "app.mjs",
    `export function onStart() { throw new Error("no database"); }
     export default () => new Response("x");`,
  );
  const command = lab.run({ app: "app.mjs", cwd: lab.folder });
  assert.is((await command.ended).code, 4);
  assert.match(
    command.log(),
    /Cannot start app "app.mjs": onStart\(\) failed\n +Error: no database/,
  );
});

app("a reload to an app whose onStart throws is given up", async (lab) => {
  lab.write("app.mjs", "export default () => new Response('one');");
  const server = await lab.start({
    app: "app.mjs",
    args: ["-w", "1"],
    cwd: lab.folder,
  });
  lab.write(
    "app.mjs",
    `export const onStart = () => Promise.reject(new Error("no database"));
     export default () => new Response("two");`,
  );
  server.signal("SIGHUP");
  await server.waitForLog(/Reload failed: generation 1 serves on/);
  assert.is(await get(server.url), "one");
});

app("the graceful timeout ends an onStop that hangs", async (lab) => {
  lab.write(
    "app.mjs",
    `export const onStop = () => new Promise(() => setInterval(() => {}, 1000));
     export default () => new Response("x");`,
  );
  const server = await lab.start({
    app: "app.mjs",
    args: ["-w", "1", "--graceful-timeout", "1"],
    cwd: lab.folder,
  });
  assert.is((await server.stop()).code, 0);
  assert.match(
    server.log(),
    /Exit before onStop and workerExit are done: the graceful timeout of 1 s/,
  );
});

app("onStop that throws is logged, QUIT calls none", async (lab) => {
  lab.write(
    "app.mjs",
    `export const onStop = () => { throw new Error("no stop"); };
     export default () => new Response("x");`,
  );
  const server = await lab.start({
    app: "app.mjs",
    args: ["-w", "1"],
    cwd: lab.folder,
  });
  const [worker] = server.workers();
  process.kill(worker as number, "SIGTERM");
  await server.waitForLog(/onStop\(\) of the app failed\n +Error: no stop/);
  await until("the worker to be replaced", () => {
    const now = server.workers();
    return now.length === 1 && now[0] !== worker;
  });
  const from = server.log().length;
  assert.is((await server.stop("SIGQUIT")).code, 0);
  assert.not.match(server.log().slice(from), /onStop/);
});

app.run();
