import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { differences } from "../../scripts/gunicorn/behaviour.ts";
import { atoms, figures } from "../../scripts/gunicorn/log.ts";
import { gunicornPage, HOOK_PLACES } from "../../scripts/gunicorn/page.ts";
import { exitCodes, variables } from "../../scripts/gunicorn/process.ts";
import {
  arbiterSignals,
  workerSignals,
} from "../../scripts/gunicorn/signals.ts";
import {
  gunicornSections,
  gunicornSettings,
} from "../../src/config/gunicorn/lookup.ts";
import {
  flagOf,
  settingNames,
  settingOf,
  variableOf,
} from "../../src/config/table/settings.ts";
import { signals } from "../../src/config/signals.ts";

const gunicorn = suite("gunicorn page");

/** Each list of the page, and how many Gunicorn has of them. */
const lists: readonly (readonly [string, readonly string[], number])[] = [
  ["settings", gunicornSettings.map(([name]) => name), 119],
  ["hooks", Object.keys(HOOK_PLACES), 16],
  ["arbiter's signals", arbiterSignals.map(({ signal }) => signal), 10],
  ["worker's signals", workerSignals.map(({ signal }) => signal), 8],
  ["atoms", atoms.map(([atom]) => atom), 22],
  ["figures", figures.map(([name]) => name), 6],
  ["variables", variables.map(([name]) => name), 15],
  ["exit codes", exitCodes.map(([code]) => code), 6],
];
for (const [list, names, count] of lists) {
  gunicorn(`the page has all ${count} ${list}, each once`, () => {
    assert.is(names.length, count);
    assert.is(new Set(names).size, count);
    const rows = gunicornPage().split("\n").filter((row) =>
      row.startsWith("| ")
    );
    for (const name of names) {
      const found = rows.some((row) =>
        row.split(" | ")[0]!.replace(/^\| `?(%\()?|(\)s)?`?$/g, "") === name
      );
      assert.ok(found, name);
    }
  });
}

gunicorn("every row of the page has all its cells", () => {
  let columns = 0;
  for (const row of gunicornPage().split("\n")) {
    const cells = row.startsWith("|") ? row.split(/(?<!\\)\|/).length - 2 : 0;
    if (columns > 0 && cells > 0) assert.is(cells, columns, row);
    columns = cells;
  }
  for (const { subject, gunicorn, corn } of differences) {
    assert.ok(subject && gunicorn && corn);
  }
});

gunicorn("HOOK_PLACES has the hooks of the table of settings", () => {
  assert.equal(
    Object.keys(HOOK_PLACES),
    Object.keys(gunicornSections["Server hooks"]!),
  );
});

gunicorn("every signal that corn knows is answered", () => {
  assert.equal(
    signals.map(({ signal }) => signal).sort(),
    arbiterSignals.map(({ signal }) => signal).sort(),
  );
});

gunicorn("what is said of corn names flags and variables that it has", () => {
  const flags = new Set(settingNames.flatMap((name) => [
    flagOf(name),
    ...(settingOf(name).aliases ?? []).map((alias) => `--${alias}`),
  ]));
  const known = new Set<string>([
    ...settingNames.map(variableOf),
    "CORN_APP",
    "CORN_CMD_ARGS",
    "CORN_FD",
    "CORN_PID",
    "CORN_TASKS",
    "CORN_WORKER_ID",
    "CORN_",
  ]);
  const texts = [
    ...differences.map(({ corn }) => corn),
    ...[...arbiterSignals, ...workerSignals].flatMap((
      { corn, difference },
    ) => [corn, difference]),
    ...atoms.map(([, , corn]) => corn),
    ...[...figures, ...variables].map(([, corn]) => corn),
    ...exitCodes.map(([, , corn]) => corn),
  ];
  for (const text of texts) {
    for (const [flag] of text.matchAll(/--[a-z][\w-]*/g)) {
      assert.ok(flags.has(flag), `${flag} in "${text}"`);
    }
    for (const [variable] of text.matchAll(/\bCORN_\w*/g)) {
      assert.ok(known.has(variable), `${variable} in "${text}"`);
    }
  }
});

gunicorn("a platform's variable is the same where a setting reads it", () => {
  const read = new Set(
    settingNames.flatMap((name) =>
      Object.keys(settingOf(name).variables ?? {})
    ),
  );
  // What a shell and a service manager set is read outside of the settings.
  for (
    const name of [
      "PWD",
      "XDG_RUNTIME_DIR",
      "NOTIFY_SOCKET",
      "LISTEN_FDS",
      "LISTEN_PID",
    ]
  ) {
    read.add(name);
  }
  for (const [name, corn] of variables) {
    assert.is(corn.startsWith("the same"), read.has(name), name);
  }
  for (const name of read) {
    assert.ok(variables.some(([other]) => other === name), name);
  }
});

gunicorn.run();
