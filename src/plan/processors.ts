import { groupFolders, read } from "./cgroups.ts";
import type { SystemFiles } from "./cgroups.ts";

/** What the number of usable processors is found from. */
export interface ProcessorSource extends SystemFiles {
  /** Processors that the process may run on (affinity). */
  readonly processors: number;
}

/**
 * How many workers can run at once: the processors of the affinity mask, or
 * less where a cgroup has a quota (cgroups(7); a part counts as one), at least 1.
 */
export function availableWorkers(source: ProcessorSource): number {
  const quotas = groupFolders(source, "cpu")
    .map((folder) => quotaOf(source, folder));
  return Math.max(1, Math.min(source.processors, ...quotas.map(Math.ceil)));
}

/** How many may start at a time: what waits for a disk leaves its processor to another, and a few do no harm. */
export function startsAtOnce(available: number): number {
  return Math.max(4, 2 * available);
}

/** Processors that a group may use, from `cpu.max` (version 2) or `cpu.cfs_quota_us` (version 1). */
function quotaOf(source: ProcessorSource, folder: string): number {
  const [quota, period] = read(source, `${folder}/cpu.max`).trim().split(/\s+/);
  return Math.min(
    share(quota, period),
    share(
      read(source, `${folder}/cpu.cfs_quota_us`),
      read(source, `${folder}/cpu.cfs_period_us`),
    ),
  );
}

/** No quota is written as `max`, as -1, or not at all. */
function share(quota: string | undefined, period: string | undefined): number {
  const processors = Number.parseInt(quota ?? "") /
    Number.parseInt(period ?? "");
  return processors > 0 ? processors : Infinity;
}
