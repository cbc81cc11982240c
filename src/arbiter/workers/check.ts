/** `--check-config`: loads the app in a worker that serves nothing. */
import { startOptions } from "../command/start-as.ts";
import type { Config } from "../../config/table/types.ts";
import { AppError, BootError } from "../../base/errors.ts";
import { readWorkerMessage } from "../../protocol/message-checks.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { portOf, workerEnvironment } from "../command/command.ts";
import { prepareCompileCache } from "../generations/compile-cache.ts";
import { bootMessage, prepareGeneration } from "../generations/generation.ts";
import type { Names } from "../generations/names.ts";

export interface CheckOptions {
  readonly runtime: Runtime;
  readonly config: Config;
  readonly names: Names;
}

/** Resolves when the app loads. @throws AppError or BootError, as a start would end */
export async function checkApp(
  { runtime, config, names }: CheckOptions,
): Promise<void> {
  const prepared = await prepareGeneration(config, runtime, names);
  // The first start finds compiled what was loaded here.
  const compileCache = prepareCompileCache(prepared, runtime, () => {});
  const generation = { ...prepared, compileCache, listeners: [] };
  const { self, clock } = runtime;
  const what = config.pool === undefined ? "app" : "tasks";
  return await new Promise((resolve, reject) => {
    let failure: Error | undefined;
    let greeted = false;
    const child = runtime.spawn({
      ...startOptions(generation.startAs, generation.release.command),
      env: workerEnvironment(self.env(), {
        added: { ...compileCache, ...config.settings.env },
        slot: 1,
        folder: generation.release.folder,
        port: portOf(config.settings.bind),
      }),
      cwd: generation.release.folder,
      descriptors: [],
      onMessage(value) {
        const message = readWorkerMessage(value);
        if (message?.type === "failed") {
          const Kind = message.kind === "app" ? AppError : BootError;
          failure = new Kind(
            message.stack === ""
              ? message.message
              : `${message.message}\n${message.stack}`,
          );
        }
        if (message?.type !== "hello" || greeted) return;
        greeted = true;
        child.send(bootMessage(generation, {
          slot: 1,
          age: 1,
          number: 1,
          served: false,
          proven: true,
          tells: false,
          queue: 0,
          random: runtime.random,
          dev: false,
          check: true,
          descriptors: [],
        }));
      },
      onOverlong: () => void child.kill("SIGKILL"),
      onExit({ code, signal, error }) {
        deadline.close();
        if (code === 0 && failure === undefined) return resolve();
        const how = error?.message ??
          (signal === undefined ? `exit code ${code}` : signal);
        reject(
          failure ??
            new BootError(
              `Cannot load ${what} "${generation.release.app.text}": its worker ended by ${how}`,
            ),
        );
      },
    });
    const deadline = clock.after(generation.limits.bootMs, () => {
      failure = new BootError(
        `Cannot load ${what} "${generation.release.app.text}": not done within the boot timeout of ${config.settings.bootTimeout} s`,
      );
      child.kill("SIGKILL");
    });
  });
}
