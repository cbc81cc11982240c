/** Clients of WebSockets that reconnect, while workers are replaced and killed. */
import { strict as assert } from "node:assert";
import { join } from "node:path";
import { killWorker, wasInHand } from "../../tests/support/process/in-hand.ts";
import type { Death } from "../../tests/support/process/in-hand.ts";
import { sleep, until } from "../../tests/support/wait.ts";
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

const path = (name: string) =>
  JSON.stringify(join(root, "tests/fixtures", name));

/** What serves the load, and WebSockets beside it. */
const CODE = `
import app from ${path("app.ts")};
import sockets, { upgrade, websocket } from ${path("sockets.ts")};
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
  echoes: number;
  /** Those that came back as another. */
  wrong: number;
  /** Handshakes that failed. */
  failed: number;
  /** Milliseconds that the slowest handshake took. */
  slowestMs: number;
  open: number;
}

/** One client, that comes back until it is stopped. */
async function live(url: string, tally: Tally, field: Field & Ending) {
  while (!field.ended) {
    await sleep(field.random() * BACKOFF_MS);
    await connect(url, tally, field);
  }
}

interface Ending {
  ended: boolean;
}

function connect(url: string, tally: Tally, state: Ending): Promise<void> {
  const begun = performance.now();
  const socket = new WebSocket(url);
  let count = 0;
  let opened = false;
  const send = () => {
    if (state.ended) socket.close(1000);
    else if (socket.readyState === WebSocket.OPEN) socket.send(`${++count}`);
  };
  socket.onopen = () => {
    opened = true;
    tally.open++;
    const ms = performance.now() - begun;
    tally.slowestMs = Math.max(tally.slowestMs, Math.round(ms));
    send();
  };
  socket.onmessage = ({ data }) => {
    if (data === String(count)) tally.echoes++;
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
    ...{
      codes: new Map(),
      echoes: 0,
      wrong: 0,
      failed: 0,
      slowestMs: 0,
      open: 0,
    },
  };
  const state = Object.assign(Object.create(field) as Field, { ended: false });
  field.write(CODE);
  await reload(field);
  const url = `${field.url.replace("http", "ws")}/ws`;
  const clients = Array.from(
    { length: SOCKETS },
    () => live(url, tally, state),
  );
  return {
    async event(number) {
      await until("all to be open", () => tally.open >= SOCKETS * 0.95, 60_000);
      if (number % 10 === 2) {
        const [victim] = field.workers();
        if (victim !== undefined) deaths.push(await killWorker(victim));
        await field.settle();
      }
      if (number === UPGRADE) await upgradeOnce(field);
      else await reload(field);
    },
    async end() {
      state.ended = true;
      await Promise.all(clients);
      const { echoes, wrong, failed, codes, slowestMs } = tally;
      const restarts = codes.get(1012) ?? 0;
      const cut = codes.get(1006) ?? 0;
      assert.equal(wrong, 0);
      assert.ok(restarts > 0 && echoes > 0);
      assert.deepEqual(
        [...codes.keys()].filter((code) => ![1000, 1012, 1006].includes(code)),
        [],
      );
      // A kill takes a share of them, and handshakes that were under way.
      const most = SOCKETS * deaths.length;
      assert.ok(cut + failed <= most, `${cut} cut, ${failed} failed`);
      return `${restarts} ended with 1012, ${cut} with 1006, ${failed} handshakes failed, the slowest took ${slowestMs} ms, ${echoes} echoes`;
    },
    excuses: (failure) => wasInHand(failure, deaths),
  };
}
