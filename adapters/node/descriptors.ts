/**
 * What Node's processes inherit and hand on. Node sets close-on-exec at its
 * start on what it was given, but stops at the first number beyond 15 that is
 * not open (24.21, NODE-CLOSE-ON-EXEC), and cannot set it for itself. What is
 * behind that comes with each process that it starts, which is told of it and
 * closes it.
 */
import { closeSync, readdirSync, readFileSync } from "node:fs";
import type { ChildProcess, SpawnOptions } from "../../src/runtime/runtime.ts";
import { FOREIGN_VARIABLE } from "../shared/processes/channel.ts";
import { markForeign, takeForeign } from "../shared/processes/parent.ts";
import {
  FIRST_INHERITED,
  spawn as spawnCommon,
} from "../shared/processes/processes.ts";

/** O_CLOEXEC in the flags of proc(5), octal there. */
const CLOSED_ON_EXEC = 0o2000000;

let handedOn: readonly number[] | undefined;

/** The descriptors that each process inherits which this one starts, beside its streams. */
function listHandedOn(): readonly number[] {
  try {
    return readdirSync("/proc/self/fd").map(Number).filter(isHandedOn);
  } catch {
    return []; // No /proc: nothing is known.
  }
}

function isHandedOn(descriptor: number): boolean {
  if (descriptor < 3) return false;
  try {
    const text = readFileSync(`/proc/self/fdinfo/${descriptor}`, "utf8");
    const [, flags = ""] = /^flags:\s*(\d+)/m.exec(text) ?? [];
    return (Number.parseInt(flags, 8) & CLOSED_ON_EXEC) === 0;
  } catch {
    return false; // Closed meanwhile, as the listing's own is.
  }
}

/** Starts a process; it has nothing of this one but what it is given. */
export function spawn(options: SpawnOptions): ChildProcess {
  // What this process opens itself is closed on exec.
  handedOn ??= listHandedOn();
  const given = FIRST_INHERITED + options.descriptors.length;
  const foreign = handedOn.filter((one) => one >= given);
  if (foreign.length === 0) return spawnCommon(options);
  const env = {
    ...options.env,
    [FOREIGN_VARIABLE]: foreign.map(markForeign).join(),
  };
  return spawnCommon({ ...options, env });
}

/** See `Runtime.keepDescriptors`. */
export function keepDescriptors(): void {
  for (const one of takeForeign()) {
    try {
      closeSync(one);
    } catch {
      continue; // It did not come with this process.
    }
  }
}
