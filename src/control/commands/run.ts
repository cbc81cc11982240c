/** Runs a command to its exit code. */
import { UsageError } from "../../base/errors.ts";
import { LEVELS } from "../../log/event.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { ask, listen, Unanswered } from "../client/ask.ts";
import type { HeardEvent } from "../client/answer-reader.ts";
import { findAll } from "../client/find.ts";
import { findSuccessor } from "../client/successor.ts";
import { giveOrder } from "./give-order.ts";
import type { Printer, Request } from "./give-order.ts";
import { readOrder } from "./options.ts";
import { refusedBy } from "./refused.ts";
import type { Order } from "./options.ts";
import {
  showConfig,
  showEntry,
  showList,
  showRequests,
  showStatus,
  showThreads,
  showWorkers,
} from "./show.ts";
import { CommandError, EXIT, findTarget } from "./target.ts";
import type { Status } from "../snapshot.ts";
import type { RequestFacts } from "../subject.ts";
import { top } from "./top.ts";
import { withBlocking } from "./worker-table.ts";
import { COMMANDS } from "./words.ts";

/** Runs it; errors are told in words, and with --json as JSON too. */
export async function runOrder(
  runtime: Runtime,
  args: readonly string[],
): Promise<number> {
  const { stdout, stderr } = runtime.self;
  const json = args.includes("--json");
  const printer: Printer = {
    say: (text) => void (json || stdout.write(text)),
    tell: (text) => void (json ? stderr : stdout).write(`${text}\n`),
    complain: (text) => void stderr.write(`${text}\n`),
    json(value) {
      if (json) stdout.write(`${JSON.stringify(value)}\n`);
    },
  };
  const fail = (exitCode: number, code: string, message: string) => {
    printer.json({ error: { code, message } });
    printer.complain(`corn: ${message}`);
    return exitCode;
  };
  try {
    return await run(runtime, readOrder(args), printer);
  } catch (error) {
    if (error instanceof CommandError) {
      return fail(error.exitCode, error.code, error.message);
    }
    if (error instanceof UsageError) {
      return fail(EXIT.usage, "usage", error.message);
    }
    if (error instanceof Unanswered) {
      return fail(
        EXIT.none,
        "none",
        `No corn answers at the control socket: ${error.message}`,
      );
    }
    throw error;
  }
}

async function run(
  runtime: Runtime,
  order: Order,
  printer: Printer,
): Promise<number> {
  const { command, words: [word = ""] } = order;
  if (order.help) {
    const { takes = "", summary = "" } = COMMANDS[command] ?? {};
    printer.say(
      `corn [-s PATH | -p PIDFILE | --pid N] ${
        `${command} ${takes}`.trim()
      } [--json]\n${summary}\n`,
    );
    printer.json({ command, takes, summary });
    return EXIT.done;
  }
  if (command === "ls") return await list(runtime, printer);
  let path = await findTarget(runtime, order);
  const get = (target: string) => getFrom(runtime, path, target);
  const give = (request: Omit<Request, "path">) =>
    giveOrder(runtime, order, { ...request, path, printer });
  const now = runtime.clock.date().getTime();
  /** For a person with what blocks workers that are late; a program asks for itself. */
  const look = async () => {
    const status: Status = await get("/v1/status?measure=1");
    const late = status.workers.some(({ state }) => state === "late");
    if (order.json || !late) return status;
    const { requests } = await get("/v1/requests");
    return withBlocking(status, requests);
  };
  switch (command) {
    case "status": {
      if (word === "") {
        const status = await look();
        printer.json(status);
        printer.say(`${showStatus(status, now)}\n`);
        return status.ready < status.wanted ? EXIT.failed : EXIT.done;
      }
      const worker = await get(`/v1/workers/${word}?measure=1`);
      printer.json(worker);
      if (!order.json) {
        const { requests } = await get("/v1/requests");
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
    case "top": {
      let last: Status | undefined;
      await top(runtime, {
        json: order.json,
        async look() {
          try {
            last = await look();
          } catch (error) {
            if (!(error instanceof Unanswered) || last === undefined) {
              throw error;
            }
            const next = await findSuccessor(runtime, last);
            if (next === undefined) throw error;
            path = next;
            last = await look();
          }
          return last;
        },
      });
      return EXIT.done;
    }
    case "dashboard":
      return await dashboard(runtime, order, { path, printer });
    case "metrics": {
      const metrics = await get("/v1/metrics");
      printer.json(metrics);
      printer.say(metrics.text);
      return EXIT.done;
    }
    case "requests": {
      const open = await get(`/v1/requests${order.query ? "?query=1" : ""}`);
      printer.json(open);
      printer.say(`${showRequests(open)}\n`);
      return EXIT.done;
    }
    case "config": {
      const config = await get("/v1/config");
      printer.json(config);
      printer.say(`${showConfig(config)}\n`);
      return EXIT.done;
    }
    case "logs":
    case "events":
      return await history(runtime, order, { path, printer });
    case "stop": {
      const { pid } = await get("/v1/status");
      const mode = order.quick ? "quick" : "graceful";
      return await give({ target: "/v1/stop", body: { mode }, ending: pid });
    }
    case "scale": {
      const body = word === "auto"
        ? { to: word }
        : /^[-+]/.test(word)
        ? { by: Number(word) }
        : { to: Number(word) };
      return await give({ target: "/v1/scale", body });
    }
    case "profile":
    case "heap": {
      const { seconds, thread, output, drain } = order;
      const body = {
        ...seconds !== undefined && { seconds },
        ...thread !== undefined && { thread },
        ...drain && { drain },
      };
      const { pid } = await get("/v1/status");
      return await give({
        writer: pid,
        target: `/v1/workers/${word}/${command}`,
        ...Object.keys(body).length > 0 && { body },
        ...output !== undefined && { output },
      });
    }
    case "stack":
    case "restart":
    case "drain":
    case "kill":
      return await give({ target: `/v1/workers/${word}/${command}` });
    case "reload": {
      const { canary } = order;
      const body = canary === undefined ? {} : { body: { canary } };
      return await give({ target: "/v1/reload", ...body });
    }
    default: // reopen, upgrade
      return await give({ target: `/v1/${command}` });
  }
}

async function dashboard(
  runtime: Runtime,
  { port = 0, open }: Order,
  { path, printer }: { readonly path: string; readonly printer: Printer },
): Promise<number> {
  const { NoDashboard, showDashboard } = await import(
    "../dashboard/dashboard.ts"
  );
  try {
    await showDashboard(runtime, {
      path,
      port,
      opens: open && runtime.self.stdout.terminal,
      onOpen(url, pid) {
        printer.json({ url, pid });
        printer.say(`Dashboard of corn (pid ${pid}): ${url}\n`);
      },
      complain: (text) => printer.complain(`corn: ${text}`),
    });
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof NoDashboard)) throw error;
    throw new CommandError(EXIT.failed, "port", error.message);
  }
}

async function getFrom(runtime: Runtime, path: string, target: string) {
  const answer = await ask(runtime, path, { target });
  if (answer.status === 200) return answer.value;
  throw await refusedBy(runtime, path, answer);
}

async function list(runtime: Runtime, printer: Printer): Promise<number> {
  const asked = (await findAll(runtime)).map(async ({ path }) => {
    try {
      return [{ path, status: await getFrom(runtime, path, "/v1/status") }];
    } catch (error) {
      // The others are listed all the same.
      const known = error instanceof Unanswered ||
        error instanceof CommandError;
      if (!known) throw error;
      printer.complain(`corn: nothing answers at ${path}: ${error.message}`);
      return [];
    }
  });
  const all = (await Promise.all(asked)).flat();
  printer.json(all);
  printer.say(all.length === 0 ? "No corn runs\n" : `${showList(all)}\n`);
  return EXIT.done;
}

/** Shows what has happened, and with --follow what happens. */
async function history(
  runtime: Runtime,
  { command, words: [word], follow, level = "info" }: Order,
  { path, printer }: { readonly path: string; readonly printer: Printer },
): Promise<number> {
  const event = command === "logs" ? "log" : "note";
  const lowest = LEVELS.indexOf(level);
  // deno-lint-ignore no-explicit-any
  const wants = (data: any) =>
    event === "note" ||
    (LEVELS.indexOf(data.level) >= lowest &&
      (word === undefined || String(data.slot) === word));
  const kept = await getFrom(runtime, path, `/v1/history?event=${event}`);
  const events = kept.events.filter(({ data }: HeardEvent) => wants(data));
  if (!follow) printer.json({ ...kept, events });
  for (const one of events) {
    if (follow) printer.json(one);
    printer.say(`${showEntry(one)}\n`);
  }
  const { stdout } = runtime.self;
  if (!follow || stdout.gone) return EXIT.done;
  const ending = new AbortController();
  await listen(runtime, path, {
    target: `/v1/events?event=${event}&after=${kept.last}`,
    signal: ending.signal,
    onEvent({ id, event, data }) {
      if (event === "lost") {
        return printer.complain("corn: some of it was lost");
      }
      const { time, ...rest } = data;
      if (!wants(rest)) return;
      const entry = { id, time, event: event as "log", data: rest };
      printer.json(entry);
      printer.say(`${showEntry(entry)}\n`);
      // As in a pipe to head(1).
      if (stdout.gone) ending.abort();
    },
  });
  return EXIT.done;
}
