/** Clients that leave in the middle of an answer, in a process of their own on Node. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { helperNode } from "../process/command.ts";

export interface LeaveOptions {
  readonly url: string;
  /** Path and query that each asks for. */
  readonly path: string;
  readonly count: number;
  /** Bytes of a body that each begins to send, of twice as many. */
  readonly body?: number;
  /** True where no answer is waited for. */
  readonly early?: boolean;
  /** `fin`: closes once all is read. `reset`: SO_LINGER of 0. `stay`: reads on as fast as it can until it is ended. */
  readonly how: "fin" | "reset" | "stay";
}

/** The process of the clients. */
export interface Leavers {
  /** Resolves when each had the beginning of its answer and left, or reads on. */
  readonly gone: Promise<void>;
  end(): Promise<void>;
}

/** Starts them, all groups at once. */
export function startLeavers(...groups: readonly LeaveOptions[]): Leavers {
  const child = spawn(
    helperNode,
    [
      "--disable-warning=ExperimentalWarning",
      fileURLToPath(new URL("leave-program.ts", import.meta.url)),
      JSON.stringify(groups),
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const closed = new Promise<void>((resolve) => child.on("close", resolve));
  const gone = new Promise<void>((resolve, reject) => {
    child.stdout.once("data", () => resolve());
    child.once("close", (code) => {
      reject(new Error(`The clients that leave ended with ${code}`));
    });
  });
  gone.catch(() => {});
  return {
    gone,
    end() {
      child.kill("SIGKILL");
      return closed;
    },
  };
}

/** Sends them, all groups at once, and waits until they have left. */
export async function leave(
  ...groups: readonly LeaveOptions[]
): Promise<void> {
  const leavers = startLeavers(...groups);
  try {
    await leavers.gone;
  } finally {
    await leavers.end();
  }
}
