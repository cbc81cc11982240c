/**
 * DENO-NET-DEAF: listening sockets of `node:net` on Deno, which never accepts
 * again once an accept has failed, as with too many open files, and reports
 * nothing (2.9.5).
 */
import type { Accepting, Watch } from "../shared/servers/node-http.ts";
import { copyAbove, FIRST_FREE } from "../libc/descriptor.ts";
import type { Libc } from "../libc/libc.ts";
import { gaugeByInfo } from "../libc/tcp-info.ts";
import { guardRoom } from "../libc/room.ts";
import { createTap } from "../libc/tap.ts";
import { clearInterval, setInterval } from "../shared/originals/originals.ts";

/** How often the queue is counted. */
const COUNT_MS = 250;
/** Counts in a row with connections waiting and none accepted since the one before. */
const DEAF = 2;

/** Watches one, and listens anew where it is deaf: by its queue where it is TCP, and whenever there is room again. */
export function watchDeaf(
  libc: Libc,
  descriptor: number,
  { accepted, listen }: Accepting,
): Watch {
  // The runtime closes what it was given.
  const spare = copyAbove(libc, descriptor, FIRST_FREE);
  const gauge = gaugeByInfo(libc, [spare]);
  let before = accepted();
  let stuck = 0;

  function revive(): void {
    stuck = 0;
    try {
      listen(copyAbove(libc, spare, FIRST_FREE));
    } catch {
      // No room for it: later.
    }
  }

  const timer = setInterval(() => {
    const waits = (gauge.read()?.[0] ?? 0) > 0;
    stuck = waits && accepted() === before ? stuck + 1 : 0;
    before = accepted();
    if (stuck >= DEAF) revive();
  }, COUNT_MS);
  timer.unref?.();
  const guarded = guardRoom(libc, {
    descriptor: spare,
    accept: (room) => room && revive(),
  });
  function end(): void {
    clearInterval(timer);
    guarded.close();
  }

  return {
    // What was accepted and not told of ends with its server (2.9.5,
    // DENO-CLOSE-DROPS).
    rest() {
      end();
      try {
        const tap = createTap(libc, descriptor);
        tap?.close();
        return tap !== undefined;
      } catch {
        // No room for it, as with too many open files.
        return false;
      }
    },
    close() {
      end();
      gauge.close();
      libc.attempt("close", spare);
    },
  };
}
