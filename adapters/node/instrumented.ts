/** Whether something that was preloaded sees the requests of `node:http`, which those of the wire engine are none of. */
import { hasSubscribers } from "node:diagnostics_channel";
import process from "node:process";

/** What is published before a server's "request"; Sentry wraps the server then. */
const CHANNEL = "http.server.request.start";

const PRELOADS =
  /(^|\s)(--import|--require|--experimental-loader|--loader|-r)\b/;

/** See `ServingRuntime.isInstrumented`; node:http is loaded where there may be something to find. */
export function isInstrumented(): boolean {
  if (hasSubscribers(CHANNEL)) return true;
  const flags = [...process.execArgv, process.env.NODE_OPTIONS ?? ""];
  if (!flags.some((flag) => PRELOADS.test(flag))) return false;
  // By this call OpenTelemetry wraps it, where nothing else has asked for it.
  const { Server } = process.getBuiltinModule("node:http");
  return Object.hasOwn(Server.prototype, "emit");
}
