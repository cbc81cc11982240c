/** What the number of usable processors is found from. */
export interface ProcessorSource {
  /** Processors that the process may run on (affinity). */
  readonly processors: number;
  /** The text of a file, or undefined where there is none. */
  readText(path: string): string | undefined;
}

const ROOT = "/sys/fs/cgroup";

/**
 * How many workers can run at once: the processors of the affinity mask, or
 * less where a cgroup has a quota (cgroups(7); a part counts as one), at least 1.
 */
export function availableWorkers(source: ProcessorSource): number {
  const quotas = quotaFolders(source).map((folder) => quotaOf(source, folder));
  return Math.max(1, Math.min(source.processors, ...quotas.map(Math.ceil)));
}

/** Every folder that may hold a quota: each group of the process and all above it. */
function quotaFolders(source: ProcessorSource): string[] {
  const folders: string[] = [];
  for (const line of read(source, "/proc/self/cgroup").split("\n")) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (path === undefined) continue;
    const mounts = controllers === ""
      ? [ROOT, `${ROOT}/unified`]
      : controllers!.split(",").includes("cpu")
      ? [`${ROOT}/cpu`, `${ROOT}/${controllers}`]
      : [];
    for (const mount of mounts) {
      for (const group of groupsUpFrom(path)) folders.push(mount + group);
    }
  }
  return folders;
}

/** `/a/b` gives `/a/b`, `/a` and the root, which in a container is the container's own group. */
function groupsUpFrom(path: string): string[] {
  const groups: string[] = [""];
  for (const part of path.split("/").filter((part) => part !== "")) {
    // A group outside of the namespace begins with "..", and cannot be read.
    if (part === "..") return [""];
    groups.push(`${groups.at(-1)}/${part}`);
  }
  return groups.reverse();
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

function read(source: ProcessorSource, path: string): string {
  try {
    return source.readText(path) ?? "";
  } catch {
    // A file that may not be read tells of no quota.
    return "";
  }
}
