/** Stops a thread that may be blocked, and evaluates something where it stands: Node's inspector does so from within the process, and opens no port for it. */
import type { Session } from "node:inspector/promises";
import process from "node:process";
import { clearTimeout, setTimeout } from "../shared/originals/originals.ts";

/** What stands in native code cannot be stopped. */
const LIMIT_MS = 2500;

/** What comes from a thread's own inspector. */
interface Told {
  readonly id?: number;
  readonly method?: string;
  readonly result?: { readonly result?: { readonly value?: unknown } };
}

/** One after the other: a session stops one thread. */
let last: Promise<unknown> = Promise.resolve();

/** What an expression gives in a thread; undefined where it cannot be stopped, or need not be any more. */
export function lookAtThread(
  threadId: number,
  expression: string,
  wanted: () => boolean,
): Promise<string | undefined> {
  const look = last
    .then(() => wanted() ? ask({ threadId, expression, wanted }) : undefined)
    .catch(() => undefined);
  last = look;
  return look;
}

/** What is to be asked, and of whom. */
interface Question {
  readonly threadId: number;
  readonly expression: string;
  wanted(): boolean;
}

async function ask(question: Question): Promise<string | undefined> {
  const { Session } = process.getBuiltinModule("node:inspector/promises");
  const session = new Session();
  session.connect();
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), LIMIT_MS);
  });
  try {
    return await Promise.race([stop(session, question), limit]);
  } finally {
    clearTimeout(timer);
    session.disconnect();
  }
}

async function stop(
  session: Session,
  { threadId, expression, wanted }: Question,
): Promise<string | undefined> {
  // Which thread it is, the title alone tells: "[worker 3]", with a name behind it.
  const sessions = new Map<number, string>();
  session.on(
    "NodeWorker.attachedToWorker",
    ({ params: { sessionId, workerInfo } }) =>
      sessions.set(
        Number(/^\[worker (\d+)\]/.exec(workerInfo.title)?.[1]),
        sessionId,
      ),
  );
  await session.post("NodeWorker.enable", { waitForDebuggerOnStart: false });
  const sessionId = sessions.get(threadId);
  if (sessionId === undefined) return undefined;
  const answers = new Map<number | string, (told: Told) => void>();
  session.on("NodeWorker.receivedMessageFromWorker", ({ params }) => {
    const told = JSON.parse(params.message) as Told;
    answers.get(told.id ?? told.method ?? "")?.(told);
  });
  const hear = (what: number | string) =>
    new Promise<Told>((resolve) => answers.set(what, resolve));
  let id = 0;
  const post = async (method: string, params: object = {}) => {
    const message = JSON.stringify({ id: ++id, method, params });
    const answer = hear(id);
    await session.post("NodeWorker.sendMessageToWorker", {
      ...{ sessionId, message },
    });
    return await answer;
  };
  const paused = hear("Debugger.paused");
  await post("Debugger.enable");
  // That takes its time, and one that has come back is not to be stopped.
  if (!wanted()) return undefined;
  await post("Debugger.pause");
  await paused;
  const { result } = await post("Runtime.evaluate", {
    expression,
    returnByValue: true,
    silent: true,
  });
  await post("Debugger.resume");
  await post("Debugger.disable");
  const value = result?.result?.value;
  return typeof value === "string" ? value : undefined;
}
