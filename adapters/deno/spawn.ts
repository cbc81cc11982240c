/** Child processes of Deno: as on the others, but for what they inherit. */
import type { ChildProcess, SpawnOptions } from "../../src/runtime/runtime.ts";
import {
  orFailed,
  spawn as spawnCommon,
} from "../shared/processes/processes.ts";
import type { SpawnWays } from "../shared/processes/processes.ts";
import { openPairChannel } from "../libc/channel.ts";
import type { Libc } from "../libc/libc.ts";
import { openByFs } from "../shared/output/standard.ts";
import { mayWrite } from "./permissions.ts";
import { copyAbove, FIRST_FREE, setCloseOnExec } from "../libc/descriptor.ts";
import { collect } from "../libc/reap.ts";

/** Copies of descriptors whose numbers a child needs itself. */
const copies = new Map<number, number>();

function withFreeNumber(libc: Libc, descriptor: number): number {
  if (descriptor >= FIRST_FREE) return descriptor;
  const copy = copies.get(descriptor) ??
    copyAbove(libc, descriptor, FIRST_FREE);
  copies.set(descriptor, copy);
  return copy;
}

/** By Deno itself: as a child's output it takes no descriptor that libc has opened (2.9.5, DENO-STDIO-FOREIGN). */
function open(path: string, flags: number): number {
  if (mayWrite()) return openByFs(path, flags);
  throw new Error("nothing is opened without permission");
}

/**
 * Deno makes every descriptor that it hands over by `stdio` blocking (2.9.6,
 * DENO-STDIO-BLOCKS), and with it the one socket that all workers share: an
 * accept(2) that finds the queue empty would stop a worker's event loop. So
 * descriptors are left open across exec for as long as the spawn takes, and
 * keep their numbers.
 */
export function spawn(
  options: SpawnOptions,
  libc: Libc | undefined,
): ChildProcess {
  const output = { open };
  if (libc === undefined) return spawnCommon(options, { output });
  const ways: SpawnWays = {
    output,
    openChannel: () => openPairChannel(libc),
    // A wait4(2) that fails, be it with EINTR, is an error that nothing can
    // catch, and the end of the child is never told (2.9.5, DENO-WAIT4).
    collect: (pid) => collect(libc, pid),
  };
  return options.descriptors.length === 0
    ? spawnCommon(options, ways)
    : orFailed(options, () => spawnInheriting(options, ways, libc));
}

function spawnInheriting(
  options: SpawnOptions,
  ways: SpawnWays,
  libc: Libc,
): ChildProcess {
  const numbers = options.descriptors.map((one) => withFreeNumber(libc, one));
  /** What the child gets more than once has a number each time. */
  const more: number[] = [];
  const descriptors = numbers.map((one, index) => {
    if (numbers.indexOf(one) === index) return one;
    const copy = copyAbove(libc, one, FIRST_FREE);
    more.push(copy);
    return copy;
  });
  for (const one of descriptors) setCloseOnExec(libc, one, false);
  try {
    return spawnCommon(
      { ...options, descriptors: [] },
      { ...ways, descriptors },
    );
  } finally {
    for (const one of numbers) setCloseOnExec(libc, one, true);
    for (const one of more) libc.call("close", one);
  }
}
