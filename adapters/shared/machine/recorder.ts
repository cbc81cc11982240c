/** Profiles and heap snapshots of this process, as Chrome's DevTools open them. What is the runtime's own is loaded when one is asked for. */
import { chmodSync } from "node:fs";
import type { Session } from "node:inspector";
import process from "node:process";
import type { Recorder } from "../../../src/runtime/serving.ts";
import { writeNew } from "../files/safe-files.ts";
import { setTimeout } from "../originals/originals.ts";

/** What DevTools draws by, as the inspector has it (Profiler.Profile). */
interface Profile {
  readonly nodes: readonly ProfileNode[];
  /** In microseconds. */
  readonly startTime: number;
  readonly endTime: number;
  /** Nodes by their numbers, and the microseconds before each. */
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly scriptId: string;
    readonly url: string;
    readonly lineNumber: number;
    readonly columnNumber: number;
  };
  readonly hitCount: number;
  readonly children: readonly number[];
}

/** For the owner alone, and never what stands there already. */
const PRIVATE = 0o600;

export const recorder: Recorder = {
  async profile(file, ms) {
    const inspector = process.getBuiltinModule("node:inspector");
    const session = new inspector.Session();
    session.connect();
    try {
      await post(session, "Profiler.enable");
      await post(session, "Profiler.start");
      await new Promise((resolve) => setTimeout(resolve, ms));
      const { profile } = await post(session, "Profiler.stop");
      const whole = withRest(profile as Profile, ms * 1000);
      writeNew(file, JSON.stringify(whole), PRIVATE);
    } finally {
      session.disconnect();
    }
  },
  heap(file) {
    const { writeHeapSnapshot } = process.getBuiltinModule("node:v8");
    writeNew(file, "", PRIVATE);
    writeHeapSnapshot(file);
    chmodSync(file, PRIVATE);
  },
};

/** Two samples are no further apart while a process works. */
const REST_US = 10_000;

/**
 * Bun takes no sample of a process at rest: its profile ends with the last one,
 * and without any has no duration, of which there is nothing to draw (1.4.5,
 * BUN-REST-PROFILE). It has one more that says so, as those of Node and Deno have.
 */
function withRest(profile: Profile, tookUs: number): Profile {
  const [root, ...others] = profile.nodes;
  const restUs = tookUs - (profile.endTime - profile.startTime);
  if (restUs < REST_US || root === undefined) return profile;
  const id = 1 + Math.max(...profile.nodes.map((one) => one.id));
  const callFrame = { ...root.callFrame, functionName: "(idle)" };
  return {
    ...profile,
    nodes: [
      { ...root, children: [...root.children, id] },
      ...others,
      { id, callFrame, hitCount: 1, children: [] },
    ],
    endTime: profile.startTime + tookUs,
    samples: [...profile.samples, id],
    timeDeltas: [...profile.timeDeltas, restUs],
  };
}

function post(
  session: Session,
  method: string,
): Promise<{ readonly profile?: unknown }> {
  return new Promise((resolve, reject) =>
    session.post(
      method,
      (error: Error | null, result: object = {}) =>
        error ? reject(error) : resolve(result),
    )
  );
}
