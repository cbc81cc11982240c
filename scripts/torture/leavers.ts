/** Streams that clients leave, by FIN and by RST, while workers are replaced. */
import { strict as assert } from "node:assert";
import { leave } from "../../tests/support/load/leave.ts";
import { closeWaits } from "../../tests/support/machine/proc.ts";
import { until } from "../../tests/support/wait.ts";
import { WORKERS } from "./field.ts";
import { reload } from "./trial.ts";
import type { Trial } from "./trial.ts";

/** Clients of each way to leave, of each kind of stream. */
const COUNT = 8;
/** One part and then a long silence; parts that come steadily; more than a socket holds. */
const PATHS = [
  "/stream/9?ms=600000",
  "/stream/6000?ms=100",
  "/pieces/x?count=1000&size=200000",
];

export const leaveStreams: Trial = {
  about: "HUP after HUP while clients leave their streams by FIN and RST",
  // A drain that waits for one of them is a failure, not a timeout that ends it.
  args: ["--graceful-timeout", "600"],
  events: 30,
  quick: 4,
  begin(field) {
    const port = Number(new URL(field.url).port);
    let left = 0;
    return {
      async event() {
        const leaving = PATHS.flatMap((path) =>
          (["fin", "reset"] as const).map(async (how) => {
            await leave({ url: field.url, path, count: COUNT, how });
            left += COUNT;
          })
        );
        await Promise.all([...leaving, reload(field)]);
        // Workers that were replaced end though streams were left on them.
        await field.settle();
      },
      async end() {
        await until("no connection left over", () => closeWaits(port) === 0);
        assert.equal(field.workers().length, WORKERS);
        return `${left} streams left`;
      },
    };
  },
};
