/** A profile that is recorded can be opened, whatever the process does. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { recorder } from "../../../../adapters/shared/machine/recorder.ts";
import * as assert from "../../../support/assert.ts";
import { suite } from "../../../support/suite.ts";

const recording = suite("recorder");

/** The part of a profile that DevTools draws. */
interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly children?: readonly number[];
  }[];
  readonly startTime: number;
  readonly endTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

for (const busyMs of [0, 30]) {
  recording(
    `profile() of a process that works for ${busyMs} ms and rests has samples and a duration`,
    async () => {
      const end = performance.now() + busyMs;
      const work = () => {
        while (performance.now() < end);
      };
      setTimeout(work, 5);
      const folder = mkdtempSync(join(tmpdir(), "corn-recorder-"));
      try {
        const file = join(folder, "rest.cpuprofile");
        await recorder.profile(file, 200);
        const profile = JSON.parse(readFileSync(file, "utf8")) as Profile;
        const { nodes, samples, timeDeltas, startTime, endTime } = profile;
        assert.ok(endTime - startTime >= 150_000, `${endTime - startTime} us`);
        assert.ok(samples.length > 0);
        assert.is(timeDeltas.length, samples.length);
        const ids = new Set(nodes.map(({ id }) => id));
        const children = nodes.flatMap((one) => one.children ?? []);
        for (const id of [...samples, ...children]) assert.ok(ids.has(id));
        // Every node but the root is the child of one other.
        assert.is(new Set(children).size, nodes.length - 1);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
}

recording.run();
