/** Clients of WebSockets that reconnect, while workers are replaced and killed. */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { killWorker, wasInHand } from "../../tests/support/process/in-hand.ts";
import type { Death } from "../../tests/support/process/in-hand.ts";
import { sleep, until, within } from "../../tests/support/wait.ts";
import { root } from "../tools.ts";
import type { Field } from "./field.ts";
import { reload } from "./trial.ts";
import type { Run, Trial } from "./trial.ts";
import { upgradeOnce } from "./upgrade.ts";

const SOCKETS = 500;
/** Back-off before a client comes back: as long as this by chance. */
const BACKOFF_MS = 1000;
/** Which event is an upgrade, after the first kill. */
const UPGRADE = 3;
/** Between two messages of a client. */
const PAUSE_MS = 500;
/** From the end of its back-off a client is back within so long, less what this process and the workers had to wait for a processor. */
const BACK_MS = 1000;
/** The share of the time that may be lost so, where that is judged. */
const MOST_LOST = 0.1;
/** How often that is looked at. */
const LOOK_MS = 50;
/** How long clients may take to end. */
const END_MS = 60_000;

const path = (name: string) =>
  JSON.stringify(join(root, "tests/fixtures", name));

/** What serves the load, and WebSockets beside it, whose messages it notes before it answers them. */
const codeOf = (record: string) => `
process.env.SOCKETS_RECORD = ${JSON.stringify(record)};
const { default: app } = await import(${path("app.ts")});
const { default: sockets, upgrade, websocket } = await import(${
  path("sockets.ts")
});
export { upgrade, websocket };
export default {
  fetch: (request, env, context) =>
    request.headers.has("upgrade")
      ? sockets.fetch(request, env)
      : app.fetch(request, env, context),
};
`;

/** What became of all of them. */
interface Tally {
  readonly codes: Map<number, number>;
  /** Messages that came back as they were sent. */
  readonly echoes: string[];
  /** Those that came back as another. */
  wrong: number;
  /** Handshakes that failed. */
  failed: number;
  /** Milliseconds that the slowest handshake took, and in which event it ended. */
  slowestMs: number;
  slowestIn: number;
  open: number;
}

/** How long a process has waited for a processor, in milliseconds: the second field of /proc/PID/schedstat. */
function waitedMs(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/schedstat`, "utf8");
    return Number(text.split(" ")[1]) / 1e6;
  } catch {
    return 0; // It has ended.
  }
}

/** How long this process has stood still, or a worker has waited for a processor that something else has. */
class Standstill {
  ms = 0;
  readonly #waited = new Map<number, number>();
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(workers: () => readonly number[]) {
    let looked = performance.now();
    this.#timer = setInterval(() => {
      const now = performance.now();
      const late = Math.max(0, now - looked - LOOK_MS);
      looked = now;
      this.ms += Math.max(late, this.#longestWait(workers()));
    }, LOOK_MS);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #longestWait(pids: readonly number[]): number {
    let longest = 0;
    for (const pid of pids) {
      const waited = waitedMs(pid);
      const before = this.#waited.get(pid) ?? waited;
      longest = Math.max(longest, waited - before);
      this.#waited.set(pid, waited);
    }
    return longest;
  }
}

interface State {
  ended: boolean;
  event: number;
  readonly still: Standstill;
  /** How many were opened. */
  count: number;
  random(): number;
}

/** One client, that comes back until it is stopped. */
async function live(url: string, tally: Tally, state: State) {
  while (!state.ended) {
    await sleep(state.random() * BACKOFF_MS);
    await connect(url, tally, state);
  }
}

function connect(url: string, tally: Tally, state: State): Promise<void> {
  const id = state.count++;
  const begun = performance.now() - state.still.ms;
  const socket = new WebSocket(url);
  let count = 0;
  let opened = false;
  const send = () => {
    if (state.ended) socket.close(1000);
    else if (socket.readyState === WebSocket.OPEN) {
      socket.send(`${id}:${++count}`);
    }
  };
  socket.onopen = () => {
    opened = true;
    tally.open++;
    const ms = performance.now() - state.still.ms - begun;
    if (ms > tally.slowestMs) {
      tally.slowestMs = Math.round(ms);
      tally.slowestIn = state.event;
    }
    send();
  };
  socket.onmessage = ({ data }) => {
    if (data === `${id}:${count}`) tally.echoes.push(data);
    else tally.wrong++;
    setTimeout(send, PAUSE_MS);
  };
  socket.onerror = () => {};
  return new Promise((resolve) => {
    socket.onclose = ({ code }) => {
      if (opened) {
        tally.open--;
        tally.codes.set(code, (tally.codes.get(code) ?? 0) + 1);
      } else if (!state.ended) tally.failed++;
      resolve();
    };
  });
}

export const websocket: Trial = {
  about:
    `${SOCKETS} WebSockets that reconnect, HUP after HUP, two kills and an upgrade`,
  args: ["--websocket-drain", "2"],
  clients: { keepAlive: 4, single: 2, streams: 0, posts: 0 },
  events: 20,
  quick: 4,
  begin,
};

async function begin(field: Field): Promise<Run> {
  const deaths: Death[] = [];
  const tally: Tally = {
    codes: new Map(),
    echoes: [],
    wrong: 0,
    failed: 0,
    slowestMs: 0,
    slowestIn: 0,
    open: 0,
  };
  const begun = performance.now();
  const still = new Standstill(() => field.workers());
  const state: State = {
    ended: false,
    event: 0,
    still,
    count: 0,
    random: field.random,
  };
  const record = `${field.pidfile}.record`;
  field.write(codeOf(record));
  await reload(field);
  const url = `${field.url.replace("http", "ws")}/ws`;
  const clients = Array.from(
    { length: SOCKETS },
    () => live(url, tally, state),
  );
  return {
    async event(number) {
      state.event = number;
      await until("all to be open", () => tally.open >= SOCKETS * 0.95, 60_000);
      if (number % 10 === 2) {
        const [victim] = field.workers();
        if (victim !== undefined) {
          const death = await killWorker(victim);
          still.ms += death.killedAt - death.at;
          deaths.push(death);
        }
        await field.settle();
      }
      if (number === UPGRADE) await upgradeOnce(field);
      else await reload(field);
    },
    async end() {
      state.ended = true;
      await within("the clients' end", Promise.all(clients), END_MS);
      return judge(tally, {
        kills: deaths.length,
        noted: new Set(readFileSync(record, "utf8").split("\n")),
        lostShare: still.ms / (performance.now() - begun),
      });
    },
    close() {
      // Clients would come back for ever.
      state.ended = true;
      still.close();
    },
    excuses: (failure) => wasInHand(failure, deaths),
  };
}

/** Looks at what became of all of them, and says it. @throws where that is not as it should be */
function judge(
  { echoes, wrong, failed, codes, slowestMs, slowestIn }: Tally,
  { kills, noted, lostShare }: {
    readonly kills: number;
    /** Messages that the app has noted. */
    readonly noted: ReadonlySet<string>;
    /** The share of the time for which others had the processors. */
    readonly lostShare: number;
  },
): string {
  const restarts = codes.get(1012) ?? 0;
  const cut = codes.get(1006) ?? 0;
  assert.equal(wrong, 0);
  assert.ok(restarts > 0 && echoes.length > 0);
  const lost = echoes.filter((echo) => !noted.has(echo));
  assert.deepEqual(lost, [], "messages that were answered and not noted");
  assert.deepEqual(
    [...codes.keys()].filter((code) => ![1000, 1012, 1006].includes(code)),
    [],
  );
  // A kill takes a share of them, and handshakes that were under way.
  assert.ok(cut + failed <= SOCKETS * kills, `${cut} cut, ${failed} failed`);
  const slowest = `${slowestMs} ms, in event ${slowestIn}, with ${
    Math.round(100 * lostShare)
  } % of the time lost to others`;
  // On a busier machine the arbiter and the kernel wait as well.
  if (lostShare < MOST_LOST) {
    assert.ok(slowestMs <= BACK_MS, `a client was back after ${slowest}`);
  }
  return `${restarts} ended with 1012, ${cut} with 1006, ${failed} handshakes failed, the slowest took ${slowest}, ${echoes.length} echoes`;
}
