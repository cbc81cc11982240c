import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { faultsOf, judgeFaults } from "../../scripts/faults.ts";

const faults = suite("faults");

const page = (...lines: string[]) => ({
  path: "docs/runtimes.md",
  text: ["| id | what | seen on | what corn does |", ...lines].join("\n"),
});
const IDLE = "| BUN-IDLE | it cuts | 1.4.5 | it is off |";
const file = (text: string) => [{ path: "adapters/a.ts", text }];

faults("faultsOf() finds rows and items that begin with an id", () => {
  assert.equal(
    faultsOf(
      `${IDLE}\n- ALL-TCP: it is slow\n| DENO-X | y | z | nothing: it is |`,
    ),
    [
      { id: "BUN-IDLE", line: 1, bare: false },
      { id: "ALL-TCP", line: 2, bare: false },
      { id: "DENO-X", line: 3, bare: true },
    ],
  );
});

faults("judgeFaults() passes ids that stand on both sides", () => {
  const text = "/**\n * Off, for it cuts (Bun 1.4.5,\n * BUN-IDLE).\n */\n";
  assert.equal(judgeFaults(page(IDLE), file(text)), []);
  assert.equal(judgeFaults(page(IDLE), file("  // BUN-IDLE: off.\n")), []);
});

faults("judgeFaults() names an id that the page does not have", () => {
  assert.equal(judgeFaults(page(), file("x();\n// BUN-IDLE\n")), [
    "adapters/a.ts:2: BUN-IDLE is not in docs/runtimes.md",
  ]);
});

faults(
  "judgeFaults() names an id of another page that the page does not have",
  () => {
    const pages = [{
      path: "docs/a.md",
      text: "Off, for BUN-IDLE and DENO-X.",
    }];
    assert.equal(judgeFaults(page(IDLE), file("// BUN-IDLE\n"), pages), [
      "docs/a.md: DENO-X is not in docs/runtimes.md",
    ]);
  },
);

faults("judgeFaults() names an id that is beside no code", () => {
  assert.equal(judgeFaults(page(IDLE), file('const id = "BUN-IDLE";\n')), [
    "docs/runtimes.md:2: BUN-IDLE is beside no code",
  ]);
});

faults("judgeFaults() lets corn do nothing about a fault", () => {
  const row = "| BUN-TITLE | it stays | 1.4.5 | nothing |";
  assert.equal(judgeFaults(page(row), file("")), []);
});

faults("judgeFaults() names a runtime's version without an id", () => {
  for (
    const text of [
      "// Bun 1.4.5 cuts.",
      "// Bun's cuts (1.4.5).",
      "// Node 22 warns.",
    ]
  ) {
    assert.equal(judgeFaults(page(), file(text)), [
      "adapters/a.ts:1: a runtime's version without the id of a fault in docs/runtimes.md",
    ]);
  }
  assert.equal(judgeFaults(page(), file("// HTTP/1.1 on Bun; 127.0.0.1.")), []);
});

faults("judgeFaults() names an id that the page has twice", () => {
  assert.equal(judgeFaults(page(IDLE, IDLE), file("// BUN-IDLE\n")), [
    "docs/runtimes.md:3: BUN-IDLE is there twice",
  ]);
});

faults.run();
