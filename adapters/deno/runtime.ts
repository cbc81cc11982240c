/** corn's Runtime on Deno. */
import process from "node:process";
import type {
  Closeable,
  Runtime,
  SignalName,
  Signals,
} from "../../src/runtime/runtime.ts";
import { base } from "../shared/base.ts";
import { createSelf } from "../shared/machine/machine.ts";
import { signals } from "../shared/machine/process-events.ts";
import { machineWith } from "../libc/machine.ts";
import { waysOf } from "../libc/output.ts";
import type { Libc } from "../libc/libc.ts";
import { mayListen } from "./permissions.ts";
import { spawn } from "./spawn.ts";
import { clearInterval, setInterval } from "../shared/originals/originals.ts";

const Deno = (globalThis as unknown as {
  Deno: { execPath(): string; version: { deno: string } };
}).Deno;

/**
 * DENO-SIGUSR1: Deno 2.9.2 and newer open the inspector on port 9229 at every
 * SIGUSR1, even where it is handled, and there is no way to decline: it is closed as
 * soon as it is up.
 */
function closeInspector(): void {
  // Not imported: only this needs it.
  const inspector = process.getBuiltinModule("node:inspector");
  let tries = 0;
  const timer = setInterval(() => {
    if (inspector.url() !== undefined) inspector.close();
    else if (tries++ < 50) return;
    clearInterval(timer);
  }, 10);
}

const denoSignals: Signals = {
  ...signals,
  on(signal: SignalName, run: () => void): Closeable {
    if (signal !== "SIGUSR1") return signals.on(signal, run);
    return signals.on(signal, () => {
      closeInspector();
      run();
    });
  },
};

export function createDenoRuntime(libc: Libc | undefined): Runtime {
  return {
    ...base,
    ...machineWith(libc),
    name: "deno",
    version: Deno.version.deno,
    self: createSelf(Deno.execPath(), waysOf(libc)),
    signals: denoSignals,
    acceptsStreams: mayListen,
    spawn: (options) => spawn(options, libc),
  };
}
