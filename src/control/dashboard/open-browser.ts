/** Opens an address in the browser of the person at the terminal. */
import type { Runtime } from "../../runtime/runtime.ts";

type BrowserRuntime = Pick<Runtime, "files" | "self" | "spawn">;

/** The program that does it; undefined where there is no screen to open it on. */
function openerOf({ files, self }: BrowserRuntime): string | undefined {
  const { DISPLAY, WAYLAND_DISPLAY } = self.env();
  if (DISPLAY || WAYLAND_DISPLAY) return "xdg-open";
  // macOS has no such variables.
  return files.kind("/System/Library/CoreServices") === "folder"
    ? "/usr/bin/open"
    : undefined;
}

/** Opens it where it can; that it cannot is no failure, the address is printed too. */
export function openBrowser(runtime: BrowserRuntime, url: string): void {
  const executable = openerOf(runtime);
  if (executable === undefined) return;
  runtime.spawn({
    executable,
    args: [url],
    env: runtime.self.env(),
    cwd: runtime.self.cwd(),
    detached: true,
    descriptors: [],
    onMessage() {},
    onOutput() {},
    onExit() {},
  });
}
