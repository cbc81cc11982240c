import { mkdirSync } from "node:fs";
import { join } from "node:path";
import * as assert from "../support/assert.ts";
import { get } from "../support/client/curl.ts";
import { promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";

const loading = promises("loading");

const APP = `
import { which } from "packed";
const { A, B, FLAG } = process.env;
export default {
  fetch: () => Response.json({ A, B, FLAG, which, seen: globalThis.seen }),
};
`;

loading(
  "modules, conditions and variables are there before the app, and anew after HUP",
  async ({ folder, run, start, write }) => {
    mkdirSync(join(folder, "node_modules/packed"), { recursive: true });
    write("package.json", `{ "type": "module" }`);
    write(
      "node_modules/packed/package.json",
      `{ "name": "packed", "type": "module",
         "exports": { "special": "./special.js", "default": "./default.js" } }`,
    );
    write("node_modules/packed/special.js", `export const which = "special";`);
    write("node_modules/packed/default.js", `export const which = "default";`);
    const note = (text: string) => `(globalThis.seen ??= []).push(${text});`;
    write("first.cjs", note(`"cjs"`));
    write("second.mjs", note(`"mjs " + process.env.A`));
    write("a.env", `A=1\nB=1\nFLAG=file\n`);
    write("b.env", `B="two words"\n`);
    write("app.js", APP);
    const args = [
      ...["--require", "./first.cjs", "--import", "./second.mjs"],
      ...["--conditions", "special", "-e", "FLAG=set"],
      ...["--env-file", "a.env", "--env-file", "b.env"],
    ];
    const server = await start({
      app: "app.js",
      args: ["-w", "1", ...args],
      cwd: folder,
    });
    const told = async () => JSON.parse(await get(server.url));
    assert.equal(await told(), {
      A: "1",
      B: "two words",
      FLAG: "set",
      which: "special",
      seen: ["cjs", "mjs 1"],
    });
    write("a.env", `A=3\n`);
    server.signal("SIGHUP");
    await server.waitForLog(/Reload (done|failed)/);
    await until("the new variables", async () => (await told()).A === "3");

    // As a flag Node would refuse it itself.
    write("corn.config.json", `{ "envFile": "no.env" }`);
    const missing = run({
      app: "app.js",
      args: ["--check-config"],
      cwd: folder,
    });
    assert.is((await missing.ended).code, 1);
    assert.match(
      missing.log(),
      /Cannot use envFile "no\.env" from corn\.config\.json: no such file in \//,
    );
  },
);

loading.run();
