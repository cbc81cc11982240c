/** Which requests are open in all workers: what they say themselves, and of one that is blocked what its memory says. */
import type { FlightRecord } from "../exchange/flight-record.ts";
import type { ListedRequest } from "../protocol/messages.ts";
import type { Child } from "./pool/state.ts";
import type { Processes } from "./workers/processes.ts";

/** An open request of a worker. */
export interface OpenNow extends ListedRequest {
  readonly age: number;
  /** Whether its handler has the event loop, which is known where it blocks it, or it waits for its answer. */
  readonly state: "running" | "waiting";
}

export interface OpenRequestsQuestion {
  readonly children: readonly Child[];
  readonly processes: Pick<Processes, "requests" | "find">;
  /** The runtime's `lived()`. */
  lived(): number;
  /** True to tell queries too. */
  readonly query: boolean;
}

/** All of them, the oldest first; the time of one that began after the worker's last beat is that of the silence. */
export async function findOpenRequests(
  { children, processes, lived, query }: OpenRequestsQuestion,
): Promise<OpenNow[]> {
  const serving = children.filter(({ phase }) =>
    phase === "ready" || phase === "draining"
  );
  const answers = await processes.requests.list(
    serving.map(({ age }) => age),
    query,
  );
  const lists = await Promise.all(serving.map(async ({ age, lastBeat }) => {
    const said = answers.get(age);
    if (said !== undefined) {
      return said.requests.map(({ running, ...one }): OpenNow => ({
        ...{ ...one, age },
        state: running ? "running" : "waiting",
      }));
    }
    const flight = await processes.find(age)?.findFlight();
    const silentMs = Math.max(0, Math.round(lived() - lastBeat));
    return readFlight(flight, silentMs).map((one) => ({ ...one, age }));
  }));
  return lists.flat().sort((a, b) => b.ms - a.ms);
}

/** What is open in a worker that has been silent for so long, the oldest first. */
export function readFlight(
  flight: FlightRecord | undefined,
  silentMs: number,
): Omit<OpenNow, "age">[] {
  const { atWork, waiting = [] } = flight ?? {};
  return [
    ...waiting.map(({ method, path, ms }) => ({
      method,
      path,
      ms: Math.max(0, ms) + silentMs,
      state: "waiting" as const,
    })),
    ...atWork === undefined
      ? []
      : [{ ...atWork, ms: silentMs, state: "running" as const }],
  ];
}
