/** Which corn serves in the place of one that has ended: after an upgrade its addresses are another arbiter's. */
import type { Status } from "../snapshot.ts";
import { ask, Unanswered } from "./ask.ts";
import type { AskRuntime } from "./ask.ts";
import { findAll } from "./find.ts";
import type { FindRuntime } from "./find.ts";

/** Its control socket; undefined where there is none. */
export async function findSuccessor(
  runtime: AskRuntime & FindRuntime,
  ended: Pick<Status, "pid" | "listeners">,
): Promise<string | undefined> {
  const wanted = addressesOf(ended);
  for (const { pid, path } of await findAll(runtime)) {
    if (pid === ended.pid) continue;
    try {
      const target = "/v1/status";
      const { status, value } = await ask(runtime, path, { target });
      if (status === 200 && addressesOf(value) === wanted) return path;
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
    }
  }
  return undefined;
}

function addressesOf({ listeners }: Pick<Status, "listeners">): string {
  return listeners.map(({ address }) => address).sort().join(" ");
}
