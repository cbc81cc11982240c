/** What /proc tells of a descriptor of this process, see proc(5). */
import { readlinkSync } from "node:fs";

/** What a descriptor is; "" where it is gone by now, as that of a listing itself. */
export function linkOf(descriptor: string | number): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return "";
  }
}
