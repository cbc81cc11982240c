/** What `status` and `top` show: how a corn is doing, all of it or one worker. */
import type { Runtime } from "../../runtime/runtime.ts";
import { Unanswered } from "../client/ask.ts";
import { findSuccessor } from "../client/successor.ts";
import type { Status } from "../snapshot.ts";
import type { RequestFacts } from "../subject.ts";
import { getFrom } from "./get-from.ts";
import type { Printer } from "./give-order.ts";
import type { Order } from "./options.ts";
import { showRequests, showStatus, showThreads, showWorkers } from "./show.ts";
import { EXIT } from "./target.ts";
import { top } from "./top.ts";
import { withBlocking } from "./worker-table.ts";

/** The corn that is asked, and where its answers go. */
interface Asking {
  readonly path: string;
  readonly printer: Printer;
}

/** Shows all of it, and gives the exit code. */
export async function showPool(
  runtime: Runtime,
  { json }: Order,
  { path, printer }: Asking,
): Promise<number> {
  const status = await look(runtime, path, json);
  const now = runtime.clock.date().getTime();
  printer.json(status);
  printer.say(`${showStatus(status, now)}\n`);
  return status.ready < status.wanted ? EXIT.failed : EXIT.done;
}

/** Shows the worker of a slot, and gives the exit code. */
export async function showWorker(
  runtime: Runtime,
  { json, words: [slot] }: Order,
  { path, printer }: Asking,
): Promise<number> {
  const worker = await getFrom(runtime, path, `/v1/workers/${slot}?measure=1`);
  const now = runtime.clock.date().getTime();
  printer.json(worker);
  if (!json) {
    const { requests } = await getFrom(runtime, path, "/v1/requests");
    const own = requests.filter((one: RequestFacts) =>
      one.worker.age === worker.age
    );
    printer.say(`${showWorkers([worker], now)}\n`);
    const threads = showThreads(worker);
    if (threads !== undefined) printer.say(`\n${threads}\n`);
    if (own.length > 0) {
      printer.say(`\n${showRequests({ requests: own, more: 0 })}\n`);
    }
  }
  return worker.state === "ready" ? EXIT.done : EXIT.failed;
}

/** Shows all of it again each second, of the arbiter too that takes over meanwhile; gives the exit code. */
export async function showTop(
  runtime: Runtime,
  { json }: Order,
  asked: Pick<Asking, "path">,
): Promise<number> {
  let { path } = asked;
  let last: Status | undefined;
  await top(runtime, {
    json,
    async look() {
      try {
        last = await look(runtime, path, json);
      } catch (error) {
        if (!(error instanceof Unanswered) || last === undefined) throw error;
        const next = await findSuccessor(runtime, last);
        if (next === undefined) throw error;
        path = next;
        last = await look(runtime, path, json);
      }
      return last;
    },
  });
  return EXIT.done;
}

/** The status; for a person with what blocks workers that are late, of which a program asks for itself. */
async function look(
  runtime: Runtime,
  path: string,
  json: boolean,
): Promise<Status> {
  const status: Status = await getFrom(runtime, path, "/v1/status?measure=1");
  const late = status.workers.some(({ state }) => state === "late");
  if (json || !late) return status;
  const { requests } = await getFrom(runtime, path, "/v1/requests");
  return withBlocking(status, requests);
}
