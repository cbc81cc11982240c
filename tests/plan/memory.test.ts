import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { freeMemory } from "../../src/plan/memory.ts";

const memory = suite("freeMemory()");

const GROUP = "/sys/fs/cgroup";
const SELF = { "/proc/self/cgroup": "0::/\n" };
const MACHINE = {
  "/proc/meminfo":
    "MemTotal:       16000000 kB\nMemFree:  100 kB\nMemAvailable:    8000 kB\n",
};

function free(files: Readonly<Record<string, string>>): number | undefined {
  return freeMemory({ readText: (path) => files[path] });
}

memory("is what the machine has available", () => {
  assert.is(free(MACHINE), 8000 * 1024);
  assert.is(free({ ...MACHINE, ...SELF }), 8000 * 1024);
});

memory("is what a group has left of its limit, without idle files", () => {
  const group = {
    ...MACHINE,
    ...SELF,
    [`${GROUP}/memory.max`]: "5000000\n",
    [`${GROUP}/memory.current`]: "4000000\n",
    [`${GROUP}/memory.stat`]: "anon 1\ninactive_file 500000\n",
  };
  assert.is(free(group), 1_500_000);
  assert.is(free({ ...group, [`${GROUP}/memory.max`]: "max\n" }), 8000 * 1024);
  assert.is(free({ ...group, [`${GROUP}/memory.max`]: "1000\n" }), 0);
});

memory("heeds limits of version 1, which are huge where there are none", () => {
  const files = {
    ...MACHINE,
    "/proc/self/cgroup": "9:memory:/app\n0::/app\n",
    [`${GROUP}/memory/app/memory.limit_in_bytes`]: "300000\n",
    [`${GROUP}/memory/app/memory.usage_in_bytes`]: "200000\n",
    [`${GROUP}/memory/memory.limit_in_bytes`]: "9223372036854771712\n",
    [`${GROUP}/memory/memory.usage_in_bytes`]: "1\n",
  };
  assert.is(free(files), 100_000);
});

memory("is not known where nothing tells", () => {
  assert.is(free({}), undefined);
});

memory.run();
