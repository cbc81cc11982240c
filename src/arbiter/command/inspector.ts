/** The inspector of one worker, for `--inspect` and `--inspect-brk`. */
import { formatEndpoint, isLocal } from "../../config/values/endpoint.ts";
import type { Endpoint } from "../../config/values/endpoint.ts";
import type { Config } from "../../config/table/types.ts";
import { withRuntimeArgs } from "./command.ts";
import type { WorkerCommand } from "./command.ts";
import type { BlockStack } from "../../protocol/worker-plan.ts";
import type { RuntimeName } from "../../runtime/runtime.ts";
import { grants } from "./worker-args.ts";
import type { Line } from "../telling/wording.ts";

/** The slot whose worker is inspected; the others serve meanwhile. */
export const INSPECTED_SLOT = 1;

export interface Inspector extends Endpoint {
  /** True to wait for the debugger before anything is loaded. */
  readonly waits: boolean;
}

/** What the settings ask for. */
export function inspectorOf(
  { settings }: Pick<Config, "settings">,
): Inspector | undefined {
  const { inspect, inspectBrk } = settings;
  const endpoint = inspectBrk ?? inspect;
  return endpoint && { ...endpoint, waits: inspectBrk !== undefined };
}

/**
 * The same at the first port that is not taken: while a reload goes on there
 * are two workers in the slot, and Bun 1.4.5 and Deno 2.9.5 end where another
 * has the port (BUN-INSPECTOR-PORT, DENO-INSPECTOR-PORT); where corn serves at
 * it, the other workers could not.
 */
export function freeInspector(
  inspector: Inspector,
  taken: readonly (number | undefined)[],
): Inspector {
  let { port } = inspector;
  while (port !== 0 && taken.includes(port)) port++;
  return { ...inspector, port };
}

/** The command line of a worker with an inspector; the flags are the same on all runtimes. */
export function inspected(
  command: WorkerCommand,
  inspector: Inspector,
): WorkerCommand {
  const flag = inspector.waits ? "--inspect-brk" : "--inspect";
  return withRuntimeArgs(command, [`${flag}=${formatEndpoint(inspector)}`]);
}

/**
 * The command line of a worker that the arbiter can ask where it stands while it
 * is blocked. Deno prints neither the port nor its secret path then, and nothing
 * lists them; of each look it tells on standard error (2.9.5, DENO-DEBUGGER-LINES).
 * Node would write the path there.
 */
export function askable(
  command: WorkerCommand,
  { runtime, workerArgs, blockStack }: {
    readonly runtime: RuntimeName;
    readonly workerArgs: readonly string[];
    readonly blockStack: BlockStack;
  },
): WorkerCommand {
  // Where it may not do all it may not ask for the path either.
  if (blockStack === "off" || runtime !== "deno" || grants(workerArgs)) {
    return command;
  }
  return withRuntimeArgs(command, [
    "--inspect=127.0.0.1:0",
    "--inspect-publish-uid=",
  ]);
}

/** What a worker on Bun gets into its environment, so that its sampler looks ten times a second: nothing outside can ask it. */
export function sampled(
  runtime: RuntimeName,
  blockStack: BlockStack,
): Readonly<Record<string, string>> {
  return runtime === "bun" && blockStack !== "off"
    ? { BUN_JSC_sampleInterval: "100000" }
    : {};
}

/** What the log says when an inspected worker starts. */
export function describeInspector(
  slot: number,
  pid: number | undefined,
  inspector: Inspector,
): Line {
  const text = `Worker ${slot} (pid ${pid}) ${
    inspector.waits ? "waits for" : "takes"
  } a debugger at ${formatEndpoint(inspector)}`;
  return isLocal(inspector) ? { level: "info", text } : {
    level: "warning",
    text: `${text}: whoever reaches that can run code in it`,
  };
}
