/** `corn dashboard`: a page that shows a running corn, served by this process for as long as it runs. */
import { messageOf } from "../../base/errors.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { openDoor } from "../door/open-door.ts";
import { Feed } from "./feed.ts";
import { Follower } from "./follow.ts";
import { openBrowser } from "./open-browser.ts";
import { dashboardRoutes } from "./routes.ts";

const HOST = "127.0.0.1";

export interface DashboardOptions {
  /** The control socket. */
  readonly path: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** True to open a browser where there is one. */
  readonly opens: boolean;
  /** Is told where the page is, and the pid of the corn that it shows. */
  onOpen(url: string, pid: number): void;
  /** Is told what went wrong, in a line. */
  complain(text: string): void;
}

/** Why there is no page. */
export class NoDashboard extends Error {}

/** Serves it until a signal ends this process. @throws Unanswered, NoDashboard */
export async function showDashboard(
  runtime: Runtime,
  { path, port, opens, onOpen, complain }: DashboardOptions,
): Promise<void> {
  const feed = new Feed();
  const follower = new Follower(runtime, feed, path);
  const { pid } = await follower.begin();
  const ended = new Promise<void>((resolve) => {
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      runtime.signals.on(name, resolve);
    }
  });
  // Who knows the address may read it: other users of this machine do not.
  const key = makeKey();
  const once = opens ? makeKey() : undefined;
  try {
    const door = await openDoor(runtime, { kind: "tcp", host: HOST, port }, {
      routes: () => dashboardRoutes(feed, { key, once }),
      readOnly: true,
      unixMode: 0o600,
      report: complain,
    }).catch((cause) => {
      throw new NoDashboard(
        `Cannot serve the dashboard at ${HOST}:${port}: ${messageOf(cause)}`,
        { cause },
      );
    });
    const site = door.address.kind === "tcp"
      ? `http://${HOST}:${door.address.port}`
      : "";
    onOpen(`${site}/${key}/`, pid);
    if (once !== undefined) openBrowser(runtime, `${site}/${once}`);
    await ended;
    await door.close();
  } finally {
    follower.close();
  }
}

/** A word of 128 bits that cannot be guessed. */
function makeKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
