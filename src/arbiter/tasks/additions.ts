/** What workers get into their environment besides what hooks add. */
import type { WorkerAdditions } from "../../hooks/types.ts";

type Added = WorkerAdditions | Promise<WorkerAdditions>;

/** At once where the additions are there. */
export function withEnv(
  env: Readonly<Record<string, string>>,
  added: Added,
): Added {
  const put = (additions: WorkerAdditions) => ({
    ...additions,
    env: { ...additions.env, ...env },
  });
  return added instanceof Promise ? added.then(put) : put(added);
}
