/** Which test files share a process: the start of one takes longer than most of them do. */
import { ONCE } from "./placement.ts";

/** What has a process of its own, unless it is named below: real sockets and processes, and what builds the package. */
export const THOROUGH: RegExp =
  /^tests\/(contract|e2e|attack|package|support)\//;

/** Left out by `--quick` as well: what starts a test run of its own. */
export const RUNS_TESTS: RegExp =
  /^tests\/scripts\/(covers|several|suite)\.test/;

/** So many files share a process at most. */
const TOGETHER = 16;

/** Real sockets, but of their own process alone, which they leave as they found it: none that asks for an engine that its name does not tell, or looks at the memory of its process. */
const OWN_SOCKETS =
  /^tests\/contract\/((answers|append|channel|context|control-place|copies|dial|door|engine|env|exchange|intake|lend|listen|peer|private-folder)(-wire)?|(own-server|redirect-https|standstill|websocket)-wire)\.test/;

/** What installs the package as a user does: once for all of them. */
const INSTALLED = /^tests\/package\/(commands|library)\.test/;

/** The groups in the order of their first files. */
export function groupsOf(files: readonly string[]): string[][] {
  const groups: string[][] = [];
  const open = new Map<string, string[]>();
  for (const file of files) {
    const kind = kindOf(file);
    const group = kind === undefined ? undefined : open.get(kind);
    if (group !== undefined && group.length < TOGETHER) {
      group.push(file);
      continue;
    }
    const fresh = [file];
    groups.push(fresh);
    if (kind !== undefined) open.set(kind, fresh);
  }
  return groups;
}

/** What it shares a process with; undefined where it has one of its own. */
function kindOf(file: string): string | undefined {
  const [, room = ""] = file.split("/");
  if (INSTALLED.test(file)) return "installed";
  if (ONCE.test(file)) return undefined;
  if (!THOROUGH.test(file)) return room;
  if (!OWN_SOCKETS.test(file)) return undefined;
  // Which engine is asked for is a variable of the process.
  return `${room}${/-wire(?=\.test)/.exec(file) ?? ""}`;
}
