/** Profiles and heap snapshots of this process, as Chrome's DevTools open them. Loaded when one is asked for. */
import { chmodSync, writeFileSync } from "node:fs";
import type { Session } from "node:inspector";
import { writeHeapSnapshot } from "node:v8";
import process from "node:process";
import type { Recorder } from "../../../src/runtime/serving.ts";
import { setTimeout } from "../originals/originals.ts";

/** For the owner alone, and never what stands there already. */
const PRIVATE = { mode: 0o600, flag: "wx" } as const;

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
      writeFileSync(file, JSON.stringify(profile), PRIVATE);
    } finally {
      session.disconnect();
    }
  },
  heap(file) {
    writeFileSync(file, "", PRIVATE);
    writeHeapSnapshot(file);
    chmodSync(file, 0o600);
  },
};

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
