/** Gives an order, shows how far it is and waits for what comes of it. */
import { ask, ASK_MS, Unanswered } from "../client/ask.ts";
import type { AnswerCounts, CanaryFacts } from "../subject.ts";
import type { OperationReport } from "../operations.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { Order } from "./options.ts";
import { messageOf } from "../../base/errors.ts";
import { folderOf } from "../../base/path.ts";
import { refusedBy } from "./refused.ts";
import { CommandError, EXIT } from "./target.ts";
import { plain, span } from "./text.ts";

/** How long one question may wait for more, in seconds. */
const WAIT_SECONDS = 30;
/** How often it is looked whether a process has ended. */
const LOOK_MS = 50;
/** Between two lines about a canary. */
const TELL_MS = 5000;

export interface Printer {
  /** Writes to standard output; nothing with --json. */
  say(text: string): void;
  /** Writes a line to standard error. */
  complain(text: string): void;
  /** Writes a line that goes on being told: to standard output, with --json to standard error. */
  tell(text: string): void;
  /** Writes JSON to standard output; nothing without --json. */
  json(value: unknown): void;
}

/** What is asked for, and what the command waits for at its end. */
export interface Request {
  readonly path: string;
  readonly target: string;
  readonly body?: unknown;
  /** Where the file is moved to that comes of it. */
  readonly output?: string;
  /** The process whose file it is, as it sees the file system. */
  readonly writer?: number;
  /** The process that ends by it. */
  readonly ending?: number;
}

/** Gives the exit code. @throws CommandError */
export async function giveOrder(
  runtime: Runtime,
  order: Order,
  { path, target, body, output, writer, ending, printer }: Request & {
    readonly printer: Printer;
  },
): Promise<number> {
  const { timeoutMs = Infinity } = order;
  const until = runtime.clock.now() + timeoutMs;
  const ms = Math.min(ASK_MS, timeoutMs);
  const question = { method: "POST", target, body, ms } as const;
  const answer = await ask(runtime, path, question).catch((error) => {
    if (!(error instanceof Unanswered)) throw error;
    if (runtime.clock.now() < until) throw error;
    const text = "corn did not answer in time; it may do yet what it was told";
    throw new CommandError(EXIT.timeout, "timeout", text);
  });
  const { status, value } = answer;
  if (status !== 202) throw await refusedBy(runtime, path, answer);
  const name: string = value.operation;
  if (!order.wait) {
    printer.json({ operation: name });
    printer.say(`${name} has begun\n`);
    return EXIT.done;
  }
  let report = await follow(runtime, { path, name, until, printer, ending });
  if (report.state === "failed") return fail(report, printer);
  if (ending !== undefined) {
    await ended(runtime, { pid: ending, until, name });
  }
  if (writer !== undefined) report = findFile(report, writer, runtime);
  if (output !== undefined) report = moveFile(report, output, runtime);
  printer.json(report);
  for (const text of report.warnings ?? []) printer.complain(plain(text));
  printer.say(`${plain(report.message)}\n`);
  return EXIT.done;
}

async function follow(
  runtime: Runtime,
  { path, name, until, printer, ending }: {
    path: string;
    name: string;
    until: number;
    printer: Printer;
    ending: number | undefined;
  },
): Promise<OperationReport> {
  const progress = new Progress(printer);
  for (let seen = 0;;) {
    const left = until - runtime.clock.now();
    if (left <= 0) throw timeout(name);
    const wait = Math.min(WAIT_SECONDS, Math.ceil(left / 1000));
    let report: OperationReport;
    try {
      const { status, value } = await ask(runtime, path, {
        target: `/v1/operations/${name}?wait=${wait}&seen=${seen}`,
        ms: Math.min(left + 50, (wait + 10) * 1000),
      });
      if (status !== 200) {
        throw new CommandError(
          EXIT.failed,
          value.error.code,
          value.error.message,
        );
      }
      report = value;
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      if (until <= runtime.clock.now()) throw timeout(name);
      // Its end may be nearer than its answer.
      if (ending === undefined || !(await isEnding(runtime, path))) throw error;
      return {
        operation: name,
        state: "done",
        message: "Stopped",
        step: seen + 1,
        tookMs: 0,
      };
    }
    progress.show(report);
    if (report.state !== "running") {
      progress.end();
      return report;
    }
    seen = report.step;
  }
}

/** The folder that a recording is written to. */
const RECORDING = /\/corn-recording-[\da-f]+$/;

/** With the file where this process finds it: a service may have a /tmp of its own (systemd's PrivateTmp). */
function findFile(
  report: OperationReport,
  writer: number,
  { files }: Runtime,
): OperationReport {
  const { file } = report;
  if (file === undefined || isFile(file, files)) return report;
  const seen = `/proc/${writer}/root${file}`;
  return isFile(seen, files)
    ? { ...report, message: seen, file: seen }
    : report;
}

function isFile(path: string, files: Runtime["files"]): boolean {
  try {
    return files.kind(path) === "file";
  } catch {
    return false; // It may not be looked at.
  }
}

/** @throws CommandError */
function moveFile(
  report: OperationReport,
  output: string,
  { files }: Runtime,
): OperationReport {
  const { file } = report;
  if (file === undefined) return report;
  try {
    files.move(file, output);
    // It was made for this file alone.
    const folder = folderOf(file);
    if (RECORDING.test(folder)) files.removeFolder(folder);
  } catch (error) {
    throw new CommandError(
      EXIT.failed,
      "output",
      `Cannot write "${output}": ${messageOf(error)}; it is at ${file}`,
    );
  }
  return { ...report, message: output, file: output };
}

async function isEnding(runtime: Runtime, path: string): Promise<boolean> {
  return !(await runtime.answers({ kind: "unix", path }));
}

function timeout(name: string): CommandError {
  return new CommandError(
    EXIT.timeout,
    "timeout",
    `${name} is not done in time; it goes on`,
  );
}

async function ended(
  { clock, signals }: Runtime,
  { pid, until, name }: { pid: number; until: number; name: string },
): Promise<void> {
  while (signals.exists(pid)) {
    if (clock.now() >= until) throw timeout(name);
    await new Promise<void>((resolve) => void clock.after(LOOK_MS, resolve));
  }
}

function fail(report: OperationReport, printer: Printer): number {
  const { message, failure } = report;
  printer.json({ ...report, error: { code: "failed", message } });
  const { message: said = "", stack = "" } = failure ?? {};
  printer.complain(
    [message, ...[said, stack].filter((text) => text !== "").map(indent)]
      .map(plain).join("\n"),
  );
  return EXIT.failed;
}

function indent(text: string): string {
  return text.split("\n").map((line) => `  ${line}`).join("\n");
}

/** `Canary: 12 of 340 (3.5 %) of its answers failed, of the others' 0 of 900 (0 %); judged for 25.0 s more`. */
export function canaryText({ fresh, old, leftMs }: CanaryFacts): string {
  const rest = leftMs === 0 ? "judged now" : `judged for ${span(leftMs)} more`;
  return `Canary: ${shareText(fresh)} of its answers failed, of the others' ${
    shareText(old)
  }; ${rest}`;
}

function shareText({ requests, failures }: AnswerCounts): string {
  const share = requests === 0 ? 0 : failures * 100 / requests;
  return `${failures} of ${requests} (${
    share === 0 || share >= 10 ? share.toFixed(0) : share.toPrecision(2)
  } %)`;
}

/** `generation 4: 1 of 4 ready in 240 ms … 2 … 3 … 4`. */
class Progress {
  readonly #printer: Printer;
  #shown = "";
  #begun = false;
  #toldAt = -TELL_MS;
  /** True where another line stands between what was shown and what comes. */
  #apart = false;

  constructor(printer: Printer) {
    this.#printer = printer;
  }

  show(report: OperationReport): void {
    const { progress, generation, tookMs, canary } = report;
    if (canary !== undefined && tookMs - this.#toldAt >= TELL_MS) {
      this.#toldAt = tookMs;
      this.end();
      this.#apart = true;
      this.#printer.tell(canaryText(canary));
    }
    if (progress === undefined) return;
    const { ready, wanted } = progress;
    const key = `${generation} ${ready} ${wanted}`;
    if (key === this.#shown || ready === 0) return;
    const begins = this.#apart || !this.#shown.startsWith(`${generation} `);
    this.#apart = false;
    this.#shown = key;
    if (begins) this.end();
    this.#begun = true;
    const what = generation === undefined ? "" : `generation ${generation}: `;
    this.#printer.say(
      begins
        ? `${what}${ready} of ${wanted} ready in ${span(tookMs)}`
        : ` … ${ready}`,
    );
  }

  end(): void {
    if (this.#begun) this.#printer.say("\n");
    this.#begun = false;
  }
}
