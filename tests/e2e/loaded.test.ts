// runtimes: node24
import { join } from "node:path";
import * as assert from "../support/assert.ts";
import { promises } from "../support/promise.ts";

const loaded = promises("what is loaded");

/** Node tells what of its own a process has loaded; the others do not. */
const CONFIG = `export default {
  whenReady: () => console.error("<" + process.moduleLoadList.join("\\n") + ">"),
};
`;

loaded(
  "an arbiter has loaded nothing that serves HTTP or encrypts",
  async (lab) => {
    const config = lab.write("corn.config.mjs", CONFIG);
    const server = await lab.start({
      app: lab.write(
        "app.mjs",
        "export default { fetch: () => new Response() };\n",
      ),
      args: [
        ...["-w", "1", "-b", "127.0.0.1:0", "-c", config],
        // Opened before corn is ready.
        ...["--control", join(lab.folder, "control.sock")],
      ],
    });
    const [, list = ""] = await server.waitForLog(/<([^>]+)>/);
    assert.match(list, /^NativeModule net$/m);
    // All of Node's fetch, with the web's classes; that loads node:http too.
    assert.not.match(list, /undici\/undici$|_http_server$/m);
    // Loaded by the first use of the global `crypto`, as for random names of files.
    assert.not.match(list, /internal\/crypto\//);
  },
);

loaded.run();
