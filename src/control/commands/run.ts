/** Runs a command to its exit code. */
import { jsonText } from "../../base/json-text.ts";
import { UsageError } from "../../base/errors.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { ASK_MS, Unanswered } from "../client/ask.ts";
import { findAll } from "../client/find.ts";
import { getFrom } from "./get-from.ts";
import { giveOrder } from "./give-order.ts";
import type { Printer, Request } from "./give-order.ts";
import { showHistory } from "./history.ts";
import { readOrder } from "./options.ts";
import type { Order } from "./options.ts";
import { showConfig, showList, showRequests } from "./show.ts";
import { showPool, showTop, showWorker } from "./status.ts";
import { CommandError, EXIT, findTarget } from "./target.ts";
import { plain } from "./text.ts";
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
    complain: (text) => void stderr.write(`${plain(text)}\n`),
    json(value) {
      if (json) stdout.write(`${jsonText(value)}\n`);
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
  const path = await findTarget(runtime, order);
  const at = { path, printer };
  const ms = Math.min(ASK_MS, order.timeoutMs ?? ASK_MS);
  const get = (target: string) => getFrom(runtime, path, { target, ms });
  const give = (request: Omit<Request, "path">) =>
    giveOrder(runtime, order, { ...request, ...at });
  switch (command) {
    case "status":
      return await (word === ""
        ? showPool(runtime, order, at)
        : showWorker(runtime, order, at));
    case "top":
      return await showTop(runtime, order, at);
    case "dashboard":
      return await dashboard(runtime, order, at);
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
      return await showHistory(runtime, order, at);
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
