import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { availableWorkers, startsAtOnce } from "../../src/plan/processors.ts";

const processors = suite("processors");

const V2 = "/sys/fs/cgroup";
const SELF = "/proc/self/cgroup";

interface Machine {
  readonly title: string;
  readonly files: Readonly<Record<string, string>>;
  readonly processors?: number;
  readonly expected: number;
}

const machines: readonly Machine[] = [
  { title: "no cgroup", files: {}, expected: 8 },
  {
    title: "no quota",
    files: { [SELF]: "0::/\n", [`${V2}/cpu.max`]: "max 100000\n" },
    expected: 8,
  },
  {
    title: "a quota of 2",
    files: { [SELF]: "0::/\n", [`${V2}/cpu.max`]: "200000 100000\n" },
    expected: 2,
  },
  {
    title: "a quota of 1.5",
    files: { [SELF]: "0::/\n", [`${V2}/cpu.max`]: "150000 100000\n" },
    expected: 2,
  },
  {
    title: "a quota of 0.1",
    files: { [SELF]: "0::/\n", [`${V2}/cpu.max`]: "10000 100000\n" },
    expected: 1,
  },
  {
    title: "a quota above the affinity",
    files: { [SELF]: "0::/\n", [`${V2}/cpu.max`]: "1600000 100000\n" },
    processors: 4,
    expected: 4,
  },
  {
    title: "a quota on a group above",
    files: {
      [SELF]: "0::/kube/pod/box\n",
      [`${V2}/kube/pod/box/cpu.max`]: "max 100000\n",
      [`${V2}/kube/pod/cpu.max`]: "300000 100000\n",
      [`${V2}/kube/cpu.max`]: "500000 100000\n",
    },
    expected: 3,
  },
  {
    title: "a group outside of the namespace",
    files: {
      [SELF]: "0::/../../other\n",
      [`${V2}/cpu.max`]: "200000 100000\n",
    },
    expected: 2,
  },
  {
    title: "version 1",
    files: {
      [SELF]: "12:memory:/box\n4:cpu,cpuacct:/docker/box\n1:name=systemd:/\n",
      [`${V2}/cpu,cpuacct/docker/box/cpu.cfs_quota_us`]: "250000\n",
      [`${V2}/cpu,cpuacct/docker/box/cpu.cfs_period_us`]: "100000\n",
      [`${V2}/cpu/cpu.cfs_quota_us`]: "-1\n",
      [`${V2}/cpu/cpu.cfs_period_us`]: "100000\n",
    },
    expected: 3,
  },
  {
    title: "version 1 in a container that sees its own group as the root",
    files: {
      [SELF]: "4:cpu,cpuacct:/docker/box\n0::/docker/box\n",
      [`${V2}/cpu/cpu.cfs_quota_us`]: "100000\n",
      [`${V2}/cpu/cpu.cfs_period_us`]: "50000\n",
    },
    expected: 2,
  },
  {
    title: "nonsense",
    files: { [SELF]: "??\n0::/\n", [`${V2}/cpu.max`]: "\n" },
    expected: 8,
  },
  { title: "an affinity of 0", files: {}, processors: 0, expected: 1 },
];
for (const { title, files, expected, processors: affinity = 8 } of machines) {
  processors(`availableWorkers() is ${expected} with ${title}`, () => {
    const readText = (path: string) => files[path];
    assert.is(availableWorkers({ processors: affinity, readText }), expected);
  });
}

processors(
  "availableWorkers() takes a file that cannot be read for none",
  () => {
    const readText = (): string => {
      throw new Error("EACCES");
    };
    assert.is(availableWorkers({ processors: 3, readText }), 3);
  },
);

processors("startsAtOnce() is twice the processors, four at least", () => {
  assert.equal([1, 2, 3, 16].map(startsAtOnce), [4, 4, 6, 32]);
});

processors.run();
