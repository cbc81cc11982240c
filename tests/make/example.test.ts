/** examples/deployment and docs/deploy.md show what `corn make` writes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { root } from "../../scripts/tools.ts";
import config from "../../examples/deployment/corn.config.ts";
import { makeNginx } from "../../src/make/nginx.ts";
import { makeSystemd } from "../../src/make/systemd.ts";
import { subject, textOf } from "./support.ts";

const example = suite("examples/deployment");

function read(name: string): string {
  return readFileSync(join(root, name), "utf8");
}

example(
  "its units and its site are those that are made of its config",
  async () => {
    const made = await subject(["--pid", "/run/shop/shop.pid"], {
      file: config,
    });
    const folder = "examples/deployment";
    const units = makeSystemd(made);
    assert.is(textOf(units, ".service"), read(`${folder}/shop.service`));
    assert.is(textOf(units, ".socket"), read(`${folder}/shop.socket`));
    assert.is(textOf(makeNginx(made), ".conf"), read(`${folder}/nginx.conf`));
  },
);

example("docs/deploy.md shows the units of its command", async () => {
  const page = read("docs/deploy.md");
  const [, words = ""] = /^corn make systemd (.*) -o /m.exec(page) ?? [];
  const units = makeSystemd(
    await subject(words.split(" "), { folder: "/srv/app" }),
  );
  for (const end of ["service", "socket"]) {
    const [, shown = ""] = new RegExp(
      `^# /etc/systemd/system/app\\.${end}\n([^]*?)^\`\`\`$`,
      "m",
    ).exec(page) ?? [];
    assert.is(shown, textOf(units, end));
  }
});

example.run();
