/** The hooks that this worker calls, and what they are called with. */
import { BootError, messageOf } from "../base/errors.ts";
import { callHook } from "../hooks/call.ts";
import type { Outcome } from "../hooks/call.ts";
import { WORKER_HOOKS } from "../hooks/names.ts";
import type { HookLog, HookWorker, WorkerHooks } from "../hooks/types.ts";
import type { HookSource } from "../hooks/source.ts";
import type { BootMessage } from "../protocol/messages.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { WorkerHost } from "./observe/worker-host.ts";

/** The hooks that are called with nothing but the worker. */
type PlainHook = Exclude<keyof WorkerHooks, "preRequest" | "postRequest">;

export interface OwnHooks {
  readonly hooks: WorkerHooks;
  readonly worker: HookWorker;
  /** How long a hook may take. */
  readonly limitMs: number;
  /** Calls a hook; `undefined` where it is not given. */
  call(name: PlainHook): Outcome | Promise<Outcome> | undefined;
}

/** Loads the config file for its hooks. @throws BootError */
export async function loadHooks(
  source: HookSource | undefined,
  { slot, thread, age, generation }: Pick<
    BootMessage,
    "slot" | "thread" | "age" | "generation"
  >,
  { runtime, say }: WorkerHost,
): Promise<OwnHooks> {
  const { limitMs = 0 } = source ?? {};
  const hooks = source === undefined
    ? {}
    : await importHooks(source.url, runtime);
  const log = createHookLog(say);
  const worker: HookWorker = {
    slot,
    ...thread !== undefined && { thread },
    age,
    generation,
    pid: runtime.self.pid,
    runtime: runtime.name,
    log,
  };
  return {
    hooks,
    worker,
    limitMs,
    call(name) {
      if (hooks[name] === undefined) return undefined;
      const { clock } = runtime;
      return callHook(name, () => hooks[name]?.(worker), {
        clock,
        log,
        limitMs,
      });
    },
  };
}

/** The arbiter has judged the file; here only its functions count. */
async function importHooks(
  url: string,
  runtime: Runtime,
): Promise<WorkerHooks> {
  try {
    const module = await runtime.importModule(url);
    const content = typeof module.default === "function"
      ? await module.default({ runtime: runtime.name, env: runtime.self.env() })
      : module.default;
    const hooks: Record<string, unknown> = {};
    for (const name of WORKER_HOOKS) {
      const hook = (content as Record<string, unknown> | undefined)?.[name];
      if (typeof hook === "function") hooks[name] = hook;
    }
    return hooks;
  } catch (cause) {
    throw new BootError(
      `Cannot load the hooks of config file "${
        decodeURIComponent(new URL(url).pathname)
      }": ${messageOf(cause)}`,
      { cause },
    );
  }
}

function createHookLog(say: WorkerHost["say"]): HookLog {
  const at = (level: keyof HookLog) => (text: string) =>
    say(level, String(text));
  return {
    debug: at("debug"),
    info: at("info"),
    warning: at("warning"),
    error: at("error"),
    critical: at("critical"),
  };
}
