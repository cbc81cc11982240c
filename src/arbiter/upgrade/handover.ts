/** How an arbiter hands its listening sockets to the one that takes its place: `CORN_PID` and `CORN_FD`. */
import { BindError } from "../../base/errors.ts";
import type { HandedAddress } from "../sockets/handed-address.ts";
import type { Logger } from "../../log/error/logger.ts";
import type { Files, Runtime } from "../../runtime/runtime.ts";

/** The pid of the arbiter that hands over; only a child of it is meant. */
const PREDECESSOR_VARIABLE = "CORN_PID";
/** The sockets, as JSON. */
export const SOCKETS_VARIABLE = "CORN_FD";

/** How many workers there are to be. */
const SIZE_VARIABLE = "CORN_SIZE";

/** What an arbiter got from its predecessor. */
export interface Handover {
  readonly predecessor: number;
  readonly addresses: readonly HandedAddress[];
  /** How many workers there were to be, where that is known. */
  readonly size?: number | undefined;
}

/** Of the environment of this arbiter's start, what is about this process alone. */
const OWN = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "WATCHDOG_PID"];

/** The environment of a successor, without the variables of the handover. */
export function successorEnvironment(
  own: Readonly<Record<string, string>>,
): Record<string, string> {
  const env = { ...own };
  for (const name of OWN) delete env[name];
  return env;
}

/** The variables for a successor that has the sockets under these numbers, in their order. */
export function handoverEnv(
  { predecessor, addresses, size }: Handover,
  numbers: readonly number[],
): Record<string, string> {
  let next = 0;
  const renumbered = addresses.map((one) => ({
    ...one,
    descriptors: one.descriptors.map(() => numbers[next++]),
  }));
  return {
    [PREDECESSOR_VARIABLE]: String(predecessor),
    [SOCKETS_VARIABLE]: JSON.stringify(renumbered),
    ...(size !== undefined && { [SIZE_VARIABLE]: String(size) }),
  };
}

/**
 * Takes the variables out of this process's environment; undefined where there
 * are none, or they are meant for another process. They are meant for this one
 * where its parent is the arbiter that they name. They are too where that arbiter
 * has ended and its sockets are open in this process: they keep the addresses in
 * use, so that binding them again would fail.
 *
 * @throws BindError where they cannot be read
 */
export function takeHandover(
  { self, signals, files }: Pick<Runtime, "self" | "signals" | "files">,
  log: Pick<Logger, "warning">,
): Handover | undefined {
  const env = self.env();
  const text = env[SOCKETS_VARIABLE];
  if (text === undefined) return undefined;
  const predecessor = Number(env[PREDECESSOR_VARIABLE]);
  const size = Number(env[SIZE_VARIABLE]);
  self.setEnv(SOCKETS_VARIABLE, undefined);
  self.setEnv(PREDECESSOR_VARIABLE, undefined);
  self.setEnv(SIZE_VARIABLE, undefined);
  const isOrphan = predecessor > 0 && !signals.exists(predecessor) &&
    hasSockets(text, files);
  if (self.ppid() !== predecessor && !isOrphan) {
    log.warning(
      `${SOCKETS_VARIABLE} ignored: it is for a child of pid ${predecessor}, and the parent is ${self.ppid()}`,
    );
    return undefined;
  }
  return {
    predecessor,
    addresses: readAddresses(text),
    ...(Number.isSafeInteger(size) && size > 0 && { size }),
  };
}

/** True where every descriptor is a socket here, as far as the system tells. */
function hasSockets(text: string, files: Pick<Files, "readLink">): boolean {
  try {
    const all = readAddresses(text).flatMap(({ descriptors }) => descriptors);
    return all.length > 0 &&
      all.every((one) =>
        files.readLink(`/proc/self/fd/${one}`).startsWith("socket:")
      );
  } catch {
    return false; // Not open, or not handed over by corn.
  }
}

function readAddresses(text: string): HandedAddress[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw refusal(text, cause);
  }
  if (!Array.isArray(value) || !value.every(isHanded)) throw refusal(text);
  return value;
}

function isHanded(value: unknown): value is HandedAddress {
  const { asked, address, descriptors } = Object(value) as Partial<
    HandedAddress
  >;
  return typeof asked === "string" && typeof address === "object" &&
    Array.isArray(descriptors) && descriptors.every(Number.isInteger);
}

function refusal(text: string, cause?: unknown): BindError {
  return new BindError(
    `Cannot take sockets over from ${SOCKETS_VARIABLE}: "${text}" is not what this version of corn hands over`,
    { cause },
  );
}
