/** Which metrics there are of pools of tasks. */
import type { Family } from "./exposition.ts";
import { by, counter, gauge } from "./make-family.ts";
import type { TaskPoolNow } from "./pool-now.ts";

/** Those of every pool. */
export function taskFamilies(tasks: readonly TaskPoolNow[]): Family[] {
  const each = (valueOf: (pool: TaskPoolNow) => number) =>
    by("pool", tasks.map((one) => [one.name, valueOf(one)]));
  return [
    gauge(
      "corn_task_workers",
      "Processes of the pool of tasks that are ready.",
      each(({ ready }) => ready),
    ),
    gauge(
      "corn_task_workers_wanted",
      "How many processes the pool of tasks should have.",
      each(({ wanted }) => wanted),
    ),
    counter(
      "corn_task_calls_total",
      "Calls that began in the pool of tasks.",
      each(({ calls }) => calls),
    ),
    gauge(
      "corn_task_open_calls",
      "Calls that run in the pool of tasks.",
      each(({ open }) => open),
    ),
  ];
}
