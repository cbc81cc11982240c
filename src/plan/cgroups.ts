/** Where the kernel says what a group of processes may use, see cgroups(7). */

/** What is read. */
export interface SystemFiles {
  /** The text of a file, or undefined where there is none. */
  readText(path: string): string | undefined;
}

const ROOT = "/sys/fs/cgroup";

/** Every folder that may hold a limit: each group of the process and all above it. */
export function groupFolders(
  source: SystemFiles,
  controller: "cpu" | "memory",
): string[] {
  const folders: string[] = [];
  for (const line of read(source, "/proc/self/cgroup").split("\n")) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (path === undefined) continue;
    const mounts = controllers === ""
      ? [ROOT, `${ROOT}/unified`]
      : controllers!.split(",").includes(controller)
      ? [`${ROOT}/${controller}`, `${ROOT}/${controllers}`]
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

/** The text of a file; empty where there is none. */
export function read(source: SystemFiles, path: string): string {
  try {
    return source.readText(path) ?? "";
  } catch {
    // A file that may not be read tells of no limit.
    return "";
  }
}
