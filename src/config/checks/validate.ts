import { ConfigError } from "../../base/errors.ts";
import { formatSize } from "../values/scalars.ts";
import { formatBind, sameAddress } from "../values/address.ts";
import { formatEndpoint } from "../values/endpoint.ts";
import { checkForwarding } from "./forwarding.ts";
import { checkHttp } from "./http.ts";
import { checkTls } from "./tls.ts";
import { quote } from "../../base/refusal.ts";
import { splitWords } from "../../base/split.ts";
import type { Config } from "../table/types.ts";

/** Checks what no setting can tell alone. @throws ConfigError */
export function validate(config: Config): void {
  const { bind, maxWorkerMemory, maxWorkerMemoryHard } = config.settings;
  checkTls(config);
  checkHttp(config);
  checkForwarding(config);
  validateQueues(config);
  validateClass(config);
  validateLogger(config);
  validateInspectors(config);
  validateCommand(config);
  if (maxWorkerMemoryHard > 0 && maxWorkerMemoryHard < maxWorkerMemory) {
    throw new ConfigError(
      `Cannot use maxWorkerMemoryHard ${
        formatSize(maxWorkerMemoryHard)
      } from ${config.origins.maxWorkerMemoryHard}: it is below maxWorkerMemory ${
        formatSize(maxWorkerMemory)
      }`,
    );
  }
  bind.forEach((address, index) => {
    // Port 0 asks for any free port, so each one is another address.
    if (address.kind === "tcp" && address.port === 0) return;
    if (
      !bind.slice(0, index).some((earlier) => sameAddress(earlier, address))
    ) return;
    throw new ConfigError(
      `Cannot use bind "${
        formatBind(address)
      }" from ${config.origins.bind}: it is given twice`,
    );
  });
}

/** Otherwise it would show only at the upgrade that it cannot be read. */
function validateCommand({ settings, origins }: Config): void {
  const { upgradeCommand } = settings;
  if (upgradeCommand === undefined) return;
  const refuse = (reason: string) =>
    new ConfigError(
      `Cannot use upgradeCommand ${
        quote(upgradeCommand)
      } from ${origins.upgradeCommand}: ${reason}`,
    );
  let words: string[];
  try {
    words = splitWords(upgradeCommand);
  } catch {
    throw refuse("a quote has no end");
  }
  if (words.length === 0) throw refuse("give a command");
}

function validateInspectors({ settings, origins }: Config): void {
  const { inspect, inspectBrk } = settings;
  if (inspect === undefined || inspectBrk === undefined) return;
  throw new ConfigError(
    `Cannot use inspectBrk "${
      formatEndpoint(inspectBrk)
    }" from ${origins.inspectBrk}: inspect is given by ${origins.inspect} too, leave one out`,
  );
}

/** What a logger takes is written neither to a file nor in a format of corn's. */
function validateLogger({ settings, origins, logger }: Config): void {
  if (logger === undefined) return;
  for (const name of ["errorLogfile", "logFormat"] as const) {
    if (origins[name] === "default") continue;
    throw new ConfigError(
      `Cannot use ${name} "${settings[name]}" from ${
        origins[name]
      }: the logger of ${origins.logger} takes the log`,
    );
  }
}

/** What caps requests in hand says nothing to a worker that has one. */
function validateClass(config: Config): void {
  const { settings, origins } = config;
  validateThreads(config);
  if (settings.workerClass !== "sync") return;
  for (const name of ["workerConnections", "maxQueue"] as const) {
    if (origins[name] === "default") continue;
    throw new ConfigError(
      `Cannot use ${name} "${settings[name]}" from ${
        origins[name]
      }: a worker of the class sync, by ${origins.workerClass}, has one request in hand, and the others wait in the queue of the address; leave it out`,
    );
  }
}

/** Several threads are a class of their own, which needs no name; beside another's it is no telling what is meant. */
function validateThreads({ settings, origins }: Config): void {
  const { workerClass, threads } = settings;
  if (threads === 1 && workerClass !== "thread") return;
  if (workerClass !== "thread" && origins.workerClass !== "default") {
    throw new ConfigError(
      `Cannot use threads "${threads}" from ${origins.threads}: a worker of the class ${workerClass}, by ${origins.workerClass}, is one thread; give --worker-class thread`,
    );
  }
  for (const name of ["inspect", "inspectBrk"] as const) {
    const endpoint = settings[name];
    if (endpoint === undefined) continue;
    throw new ConfigError(
      `Cannot use ${name} "${formatEndpoint(endpoint)}" from ${
        origins[name]
      }: a debugger sees the first thread of a process, which serves nothing where workers are threads; leave out --worker-class thread and --threads for it`,
    );
  }
}

/** SO_REUSEPORT is what several sockets on one address need, and one does not. */
function validateQueues({ settings, origins }: Config): void {
  const { queues, reusePort } = settings;
  if (queues === "auto" || reusePort === undefined) return;
  if (reusePort === queues > 1) return;
  throw new ConfigError(
    `Cannot use queues "${queues}" from ${origins.queues}: ` +
      (reusePort
        ? `reusePort from ${origins.reusePort} asks for several`
        : `reusePort is off by ${origins.reusePort}, which leaves one`),
  );
}
