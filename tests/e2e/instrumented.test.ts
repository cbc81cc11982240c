// runtimes: node24
/** Tracers on Node wrap what node:http does: the wire engine's requests they would not see. */
import * as assert from "../support/assert.ts";
import { get } from "../support/client/curl.ts";
import { promises } from "../support/promise.ts";

const instrumented = promises("instrumented");

const APP =
  `export default { fetch: () => new Response(\`seen \${globalThis.seen}\`) };`;

/** As OpenTelemetry does it. */
const EMIT = `
import { createRequire } from "node:module";
const { Server } = createRequire(import.meta.url)("node:http");
const { emit } = Server.prototype;
globalThis.seen = 0;
Server.prototype.emit = function (name, ...rest) {
  if (name === "request") globalThis.seen++;
  return emit.call(this, name, ...rest);
};
`;

/** As Sentry does it. */
const CHANNEL = `
import { subscribe } from "node:diagnostics_channel";
globalThis.seen = 0;
subscribe("http.server.request.start", () => void globalThis.seen++);
`;

for (const [how, code] of [["wrapped", EMIT], ["subscribed to", CHANNEL]]) {
  instrumented(`Node's own server serves where it is ${how}`, async (lab) => {
    lab.write("app.mjs", APP);
    lab.write("trace.mjs", code as string);
    const server = await lab.start({
      app: "app.mjs",
      args: ["-w", "1", "--import", "./trace.mjs"],
      cwd: lab.folder,
    });
    assert.is(await get(server.url), "seen 1");
    assert.is(await get(server.url), "seen 2");
    assert.match(
      server.log(),
      /\[INFO\] node:http is instrumented: it serves in place of the wire engine/,
    );
  });
}

instrumented("what is not seen is said", async (lab) => {
  lab.write("app.mjs", APP);
  lab.write("trace.mjs", CHANNEL);
  const server = await lab.start({
    app: "app.mjs",
    args: ["-w", "2", "--http", "wire", "--import", "./trace.mjs"],
    cwd: lab.folder,
  });
  assert.is(await get(server.url), "seen 0");
  const said = server.log().match(
    /\[WARNING\] node:http is instrumented, and sees no request of the wire engine/g,
  );
  assert.is(said?.length, 1);
});

instrumented("a module that traces nothing changes nothing", async (lab) => {
  lab.write("app.mjs", `globalThis.seen ??= 0; ${APP}`);
  lab.write("other.mjs", `import "node:http";`);
  const server = await lab.start({
    app: "app.mjs",
    args: ["-w", "1", "--import", "./other.mjs"],
    cwd: lab.folder,
  });
  assert.is(await get(server.url), "seen 0");
  assert.not.match(server.log(), /instrumented/);
});

instrumented.run();
