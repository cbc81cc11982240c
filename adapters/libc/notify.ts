/** Messages to a service manager, see sd_notify(3). */
import process from "node:process";
import { sendUnixDatagram } from "./datagrams.ts";
import type { Libc } from "./libc.ts";

/** Sends by libc, where there is one. */
export function notifyManager(
  libc: Libc | undefined,
  socket: string,
  message: string,
): void {
  if (libc === undefined) return notifyByCommand(socket, message);
  try {
    sendUnixDatagram(libc, socket.replace(/^@/, "\0"), message);
  } catch {
    // The manager is gone, or wanted no messages.
  }
}

/**
 * Sends by systemd-notify(1), for Node has no unix datagrams
 * (NODE-NO-UNIX-DATAGRAMS). The message then comes from another process, so the
 * unit needs `NotifyAccess=all`.
 */
export function notifyByCommand(socket: string, message: string): void {
  const { spawn } = process.getBuiltinModule("node:child_process");
  const child = spawn(
    "systemd-notify",
    [`--pid=${process.pid}`, ...message.trim().split("\n")],
    { env: { ...process.env, NOTIFY_SOCKET: socket }, stdio: "ignore" },
  );
  // It may not be installed, which cannot be reported anywhere.
  child.on("error", () => {});
}
