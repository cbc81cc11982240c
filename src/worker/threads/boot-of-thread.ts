/** What a thread is told to load and serve: its share of what its worker is told. */
import type { BootListener, BootMessage } from "../../protocol/messages.ts";

/** The process sees to its limits as a whole. */
const NEVER = {
  maxRequests: 0,
  maxLifetimeMs: 0,
  maxMemory: 0,
  maxMemoryHard: 0,
};

/** The boot message of a thread, 1 to `threads`. */
export function bootOfThread(
  { mark: _mark, ...boot }: BootMessage,
  number: number,
  threads: number,
): BootMessage {
  const { plan } = boot;
  const share = (most: number) => Math.ceil(most / threads);
  const { limits, sockets } = plan;
  return {
    ...boot,
    thread: number,
    tells: boot.tells && number === 1,
    listeners: boot.listeners.map((one) => shareOf(one, number, threads)),
    plan: {
      ...plan,
      process: {},
      recycle: NEVER,
      limits: {
        ...limits,
        workerConnections: share(limits.workerConnections),
        maxQueue: limits.maxQueue === Number.MAX_SAFE_INTEGER
          ? limits.maxQueue
          : share(limits.maxQueue),
      },
      sockets: { ...sockets, most: share(sockets.most) },
    },
  };
}

function shareOf(
  { descriptors, ...listener }: BootListener,
  number: number,
  threads: number,
): BootListener {
  const queues = descriptors.length / threads;
  const first = (number - 1) * queues;
  return { ...listener, descriptors: descriptors.slice(first, first + queues) };
}
