/** How much memory corn may still take. */
import { groupFolders, read } from "./cgroups.ts";
import type { SystemFiles } from "./cgroups.ts";

/**
 * Bytes that are free for more processes: what proc_meminfo(5) calls available,
 * or less where a cgroup has a limit. Undefined where the system does not tell.
 */
export function freeMemory(source: SystemFiles): number | undefined {
  const [, kilobytes] =
    /^MemAvailable:\s+(\d+) kB$/m.exec(read(source, "/proc/meminfo")) ?? [];
  const rooms = groupFolders(source, "memory")
    .map((folder) => roomOf(source, folder));
  const free = Math.min(
    kilobytes === undefined ? Infinity : Number(kilobytes) * 1024,
    ...rooms,
  );
  return free === Infinity ? undefined : free;
}

/** What a group may take beyond what it has, from version 2 or 1; pages of files that rest do not count, for the kernel drops them. */
function roomOf(source: SystemFiles, folder: string): number {
  const number = (name: string) =>
    Number.parseInt(read(source, `${folder}/${name}`));
  const [, idle = "0"] = /^(?:total_)?inactive_file (\d+)$/m.exec(
    read(source, `${folder}/memory.stat`),
  ) ?? [];
  const room = (limit: number, used: number) =>
    limit >= 0 && used >= 0
      ? Math.max(0, limit - Math.max(0, used - Number(idle)))
      : Infinity;
  return Math.min(
    room(number("memory.max"), number("memory.current")),
    room(number("memory.limit_in_bytes"), number("memory.usage_in_bytes")),
  );
}
