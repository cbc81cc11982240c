/** By which names corn was started. What they lead to is looked up at each reload: a moved link is a deploy. */
import {
  fileUrl,
  folderOf,
  isWithin,
  relativePath,
  resolvePath,
  urlPath,
} from "../../base/path.ts";
import type { Files, Runtime, Self } from "../../runtime/runtime.ts";

export interface Names {
  /** The working folder, with the links that it was entered by. */
  readonly folder: string;
  /** URL of the module that workers are started from, as it is now. */
  worker(): string;
  /** The runtime's program, as it is now. */
  executable(): string;
}

/**
 * The names of this process's start; call it before the working folder is
 * changed. `worker` is the URL of the module that workers are started from.
 */
export function namesOf(
  { self, files }: Pick<Runtime, "self" | "files">,
  worker: string,
): Names {
  const { start } = self;
  const cwd = self.cwd();
  // A program may have changed it since its start.
  const folder = files.realPath(start.folder) === cwd ? start.folder : cwd;
  const findWorker = moduleFinder(worker, { self, files });
  const findExecutable = executableFinder(self, files);
  return {
    folder,
    worker: findWorker,
    executable: findExecutable,
  };
}

function moduleFinder(
  module: string,
  { self, files }: Pick<Runtime, "self" | "files">,
): () => string {
  if (!module.startsWith("file://")) return () => module;
  const { start } = self;
  const path = files.realPath(urlPath(module));
  const program = files.realPath(self.program);
  if (path === undefined) return () => module;
  const named = start.command
    .map((word) => resolvePath(start.folder, word))
    .find((word) => program !== undefined && files.realPath(word) === program);
  // The program stands in the same tree: bin/corn.js, mod.ts, or the user's own.
  const way = program && relativePath(folderOf(program), path);
  const home = files.realPath(start.folder);
  return () => {
    const now = named && files.realPath(named);
    const folder = files.realPath(start.folder);
    const found = now !== undefined && way !== undefined
      ? resolvePath(folderOf(now), way)
      : home !== undefined && folder !== undefined && isWithin(home, path)
      ? resolvePath(folder, relativePath(home, path))
      : undefined;
    return found !== undefined && files.kind(found) === "file"
      ? fileUrl(found)
      : module;
  };
}

function executableFinder(
  { executable, start, env }: Pick<Self, "executable" | "start" | "env">,
  files: Pick<Files, "kind" | "realPath">,
): () => string {
  const [word = ""] = start.command;
  const folders = (env().PATH ?? "").split(":").filter((one) => one !== "");
  const find = (): string | undefined => {
    const candidates = word.includes("/")
      ? [resolvePath(start.folder, word)]
      : folders.map((one) => `${resolvePath(start.folder, one)}/${word}`);
    const found = candidates.find((one) => isFile(one, files));
    return found && files.realPath(found);
  };
  // A shim of that name starts another program: there is nothing to follow.
  if (find() !== executable) return () => executable;
  return () => find() ?? executable;
}

/** False for what this user may not look at: PATH may be another user's, as after su(1). */
function isFile(path: string, files: Pick<Files, "kind">): boolean {
  try {
    return files.kind(path) === "file";
  } catch {
    return false;
  }
}
