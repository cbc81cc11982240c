/**
 * corn whose arbiter never gives a worker another one's queue: `open` messages
 * are lost. For comparison only, and with the command line of `mod.ts`.
 */
import { currentRuntime } from "../../adapters/mod.ts";
import { EarlySignals } from "../../src/arbiter/host/early-signals.ts";
import { runCommand } from "../../src/cli/main.ts";
import type { Runtime } from "../../src/runtime/runtime.ts";

const runtime = await currentRuntime();
const deaf: Runtime = {
  ...runtime,
  spawn(options) {
    const child = runtime.spawn(options);
    return {
      ...child,
      send: (message) =>
        (message as { type: string }).type === "open" || child.send(message),
    };
  },
};
const worker = new URL("../../worker.ts", import.meta.url).href;
const early = new EarlySignals(deaf);
runtime.self.exit(await runCommand({ runtime: deaf, worker }, early));
