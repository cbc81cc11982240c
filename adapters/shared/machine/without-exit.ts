/** What may not end this process. */
import { syncBuiltinESMExports } from "node:module";
import process from "node:process";
import { clearTimeout, setTimeout } from "../originals/originals.ts";

type Exit = (code?: number | string | null) => never;

/** What `globalThis.Deno` is where there is one. */
interface DenoProcess {
  exit: Exit;
}

const { Deno } = globalThis as { Deno?: DenoProcess };

/** Takes a call that is refused; undefined while each call counts. */
let refuse: ((error: Error) => void) | undefined;
let watched = false;

/** True while a call for the end of this process is refused. */
export function refusesExit(): boolean {
  return refuse !== undefined;
}

/** From now on each call counts: corn itself ends this process, whatever it waits for. */
export function allowExit(): void {
  refuse = undefined;
}

/** Stays: Bun keeps what was imported by its name. */
function watchCalls(): void {
  if (watched) return;
  watched = true;
  const guarded = (name: string, plain: Exit): Exit => (code) => {
    if (refuse === undefined) return plain(code);
    // Deno's `process.exit` has begun by then, and would tell of no other.
    (process as { _exiting?: boolean })._exiting = false;
    const error = new Error(`it calls ${name}(${code ?? ""})`);
    refuse(error);
    throw error;
  };
  process.exit = guarded("process.exit", process.exit.bind(process) as Exit);
  if (Deno !== undefined) Deno.exit = guarded("Deno.exit", Deno.exit);
  // For what imports it by its name; Deno's leads to `Deno.exit`.
  syncBuiltinESMExports();
}

/**
 * Runs what is the user's, such as a config file that is loaded. @throws what it
 * throws, or an Error where it calls for the end of this process, which goes on,
 * takes longer than `limitMs`, or waits where nothing is left to come
 */
export async function withoutExit<Result>(
  run: () => Promise<Result>,
  limitMs: number,
): Promise<Result> {
  const { promise: refused, reject } = Promise.withResolvers<never>();
  // Where run() throws at once it is in no race, and would be an unhandled rejection.
  refused.catch(() => {});
  const idle = () => reject(new Error("it waits for what never comes"));
  const late = setTimeout(
    () => reject(new Error(`it is not done after ${limitMs / 1000} s`)),
    limitMs,
  );
  // Or nothing would be idle.
  late.unref();
  watchCalls();
  refuse = reject;
  process.on("beforeExit", idle);
  try {
    const result = await Promise.race([refused, run()]);
    // It may have caught the error itself.
    return await Promise.race([refused, result]);
  } finally {
    clearTimeout(late);
    process.off("beforeExit", idle);
    if (refuse === reject) refuse = undefined;
  }
}
