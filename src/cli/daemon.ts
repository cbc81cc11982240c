/** `--daemon`: an arbiter in the background, and the command that waits until it serves. */
import type { Arbiter } from "../arbiter/arbiter.ts";
import { SOCKETS_VARIABLE } from "../arbiter/upgrade/handover.ts";
import type { Config } from "../config/table/types.ts";
import { ConfigError } from "../base/errors.ts";
import { STANDARD_ERROR } from "../log/error/error-log.ts";
import { LogFile } from "../log/log-file.ts";
import { readSuccessorMessage } from "../protocol/arbiter-checks.ts";
import type { SuccessorMessage } from "../protocol/messages.ts";
import { startLimit } from "../protocol/waits.ts";
import type { ChildExit, Runtime, SignalName } from "../runtime/runtime.ts";

/** Holds the pid of the command that waits, for the arbiter in the background. */
const WAITING_VARIABLE = "CORN_WAITING";

/** Takes what an arbiter prints that logs elsewhere. */
const NOWHERE = "/dev/null";

/** What ends the command that waits, and what the arbiter gets then. */
const ENDINGS: Partial<Record<SignalName, SignalName>> = {
  SIGINT: "SIGINT",
  SIGQUIT: "SIGQUIT",
  SIGTERM: "SIGTERM",
  SIGHUP: "SIGTERM",
};

/** True in an arbiter that a waiting command started; takes the variable out of the environment. */
export function takeWaiting({ self }: Pick<Runtime, "self">): boolean {
  const waiting = self.env()[WAITING_VARIABLE];
  self.setEnv(WAITING_VARIABLE, undefined);
  return waiting !== undefined && Number(waiting) === self.ppid();
}

/** True where the arbiter is to be another process than this one. */
export function goesToBackground(
  { settings }: Config,
  { self }: Pick<Runtime, "self">,
): boolean {
  // An arbiter that takes over from one in the background is there already.
  return settings.daemon && self.env()[SOCKETS_VARIABLE] === undefined;
}

/** Refuses what can do no good in the background. @throws ConfigError */
export function checkDaemon(
  { settings, origins, logger }: Config,
  { self }: Pick<Runtime, "self">,
): void {
  const { NOTIFY_SOCKET, LISTEN_PID } = self.env();
  const refuse = (reason: string) => {
    throw new ConfigError(
      `Cannot use daemon true from ${origins.daemon}: ${reason}`,
    );
  };
  if (self.pid === 1) {
    refuse("the end of process 1 is the end of its container, leave it out");
  }
  if (NOTIFY_SOCKET !== undefined || Number(LISTEN_PID) === self.pid) {
    refuse(
      "a service manager started corn and watches this process, leave it out",
    );
  }
  if (settings.inspectBrk !== undefined) {
    refuse("all workers must be ready first, and inspectBrk waits for you");
  }
  const seen = settings.errorLogfile !== STANDARD_ERROR ||
    settings.logSyslog || logger !== undefined;
  if (!seen) {
    refuse("nobody would see the log, give --error-logfile FILE too");
  }
}

/**
 * Starts this command again in the background and gives the exit code: 0 once
 * all workers are ready, else that of the arbiter, whose log is shown.
 *
 * @throws LogFileError
 */
export async function startInBackground(
  { settings }: Config,
  { self, clock, files, signals, spawn }: Runtime,
): Promise<number> {
  const { errorLogfile, bootTimeout, umask } = settings;
  const inFile = errorLogfile !== STANDARD_ERROR;
  const path = inFile ? errorLogfile : NOWHERE;
  const place = inFile ? path : "in syslog or where the config's logger writes";
  if (umask !== undefined) self.umask(umask);
  new LogFile(path, files).close();
  const logged = files.follow(path);
  const [executable = "", ...args] = self.start.command;
  const end = Promise.withResolvers<ChildExit | "serving">();
  const child = spawn({
    executable,
    args,
    env: { ...self.env(), [WAITING_VARIABLE]: String(self.pid) },
    cwd: self.start.folder,
    descriptors: [],
    detached: true,
    outputFile: path,
    onMessage(message) {
      if (readSuccessorMessage(message)) end.resolve("serving");
    },
    onExit: end.resolve,
  });
  let why = "";
  const give = (signal: SignalName, reason: string) => {
    why = `${reason}, `;
    child.kill(signal);
  };
  for (const [signal, passed] of Object.entries(ENDINGS)) {
    signals.on(signal as SignalName, () => give(passed, `got ${signal}`));
  }
  clock.after(startLimit(bootTimeout * 1000), () => {
    give("SIGTERM", "not all workers were ready in time");
  });
  const how = await end.promise;
  if (how === "serving") {
    self.stdout.write(
      `corn runs in the background: pid ${child.pid}, its log is ${place}\n`,
    );
    return 0;
  }
  self.stderr.write(
    `${logged()}corn: Cannot start in the background: ${why}${
      whyNotServing(how)
    }, the log is ${place}\n`,
  );
  return how.code || 1;
}

/** Tells the command that waits when all workers are ready; without it before that, the arbiter stops. */
export function reportReady(
  arbiter: Pick<Arbiter, "milestones" | "stop">,
  { parent }: Pick<Runtime, "parent">,
): void {
  const link = parent();
  let told = false;
  void arbiter.milestones.whole.then(() => {
    told = true;
    link?.send({ type: "serving" } satisfies SuccessorMessage);
  }, () => {});
  const stop = () => {
    if (!told) arbiter.stop("quick");
  };
  if (link === undefined) stop();
  else link.onClose(stop);
}

function whyNotServing({ code, signal, error }: ChildExit): string {
  if (error !== undefined) return error.message;
  return signal === undefined ? `exit code ${code}` : `killed by ${signal}`;
}
