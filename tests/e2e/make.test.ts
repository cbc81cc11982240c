import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "../support/assert.ts";
import { cleanEnvironment } from "../../scripts/tools.ts";
import { runtimeName } from "../support/process/command.ts";
import { promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import type { ServerOptions } from "../support/process/server.ts";
import { within } from "../support/wait.ts";

const make = promises("make");

async function end(lab: Lab, options: ServerOptions) {
  const one = lab.run({ ...options, defaults: false });
  const { code } = await within("the end of the command", one.ended);
  return { code, log: one.log(), output: one.output() };
}

make(
  "corn make writes a unit that starts the app with its settings",
  async (lab) => {
    const cwd = lab.folder;
    lab.write("app.ts", "export default { fetch: () => new Response() };\n");
    lab.write(
      "corn.config.ts",
      'export default { app: "app.ts", gracefulTimeout: 7, name: "lab" };\n',
    );
    for (const end of ["service", "socket"]) {
      lab.forgive(join(cwd, `lab.${end}`));
    }
    const order = ["make", "systemd", "-w", "2", "-o", "."];
    const first = await end(lab, { args: order, cwd });
    assert.is(first.code, 0, first.log);
    assert.is(first.output, "");
    const path = join(cwd, "lab.service");
    const unit = readFileSync(path, "utf8");
    assert.match(unit, "TimeoutStopSec=12\n");
    assert.ok(existsSync(join(cwd, "lab.socket")));

    // What systemd would start, with one more flag.
    const [, start = ""] = /^ExecStart=(.*)$/m.exec(unit) ?? [];
    const [program = "", ...words] = start.split(" ");
    assert.match(program, /^\//);
    assert.match(start, / -w 2$/);
    const again = execFileSync(program, [...words, "--print-config"], {
      cwd,
      env: cleanEnvironment(),
      encoding: "utf8",
      timeout: 30_000,
    });
    assert.match(again, /^gracefulTimeout +7 /m);
    assert.match(again, /^workers +2 +# -w$/m);

    const second = await end(lab, { args: order, cwd });
    assert.is(second.code, 1);
    assert.match(second.log, /^corn: Cannot write .*lab\.service.*--force/);
    assert.is(readFileSync(path, "utf8"), unit);
  },
);

make(
  "corn make and corn completion print one file, and nothing else",
  async (lab) => {
    lab.write("make", "export default { fetch: () => new Response() };\n");
    const [manifest, shell, unknown, file, units] = await Promise.all([
      end(lab, { args: ["make", "k8s", "app.ts", "-w", "3"], cwd: lab.folder }),
      end(lab, { args: ["completion", "bash"] }),
      end(lab, { args: ["make", "podman"] }),
      end(lab, { args: ["--print-config", "./make"], cwd: lab.folder }),
      end(lab, {
        args: ["make", "systemd", "--json", "app.ts", "-b", "127.0.0.1:80"],
        cwd: lab.folder,
      }),
    ]);
    assert.equal([manifest.code, manifest.log], [0, ""]);
    assert.match(manifest.output, /^# kubectl [^]*\nkind: Deployment\n/);
    assert.match(manifest.output, `            - ${runtimeName}\n`);
    assert.equal([shell.code, shell.log], [0, ""]);
    assert.match(shell.output, /^# corn completion bash[^]*-F _corn corn\n$/);
    assert.is(unknown.code, 2);
    assert.match(unknown.log, /^corn: Cannot make "podman": give systemd, /);
    assert.match(file.output, /^app +\.\/make /m);
    assert.is(units.code, 0, units.log);
    const { files } = JSON.parse(units.output);
    assert.equal(
      files.map(({ name }: { name: string }) => name.split(".").at(-1)).sort(),
      ["service", "socket"],
    );
    assert.ok(
      files.every(({ text }: { text: string }) => /^\[Unit\]$/m.test(text)),
    );
  },
);

make.run();
